-- One row per connection and issue. `r.fields` stays JSON: which custom fields it holds, only the site knows.
{{ newest_records('jira', 'issues', {"key": "VARCHAR", "fields": "JSON"}) }}
