-- One row per connection and row of its resource: the newest version. What is in it depends on the resource, so `r` is JSON: r ->> 'title'.
{{ newest_records('dlt', 'records', "JSON") }}
