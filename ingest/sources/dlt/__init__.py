"""dlt: any resource of the dlt library as a stream."""
