-- One row per team.
select
    team_id,
    name,
    parent_team_id
from {{ current_rows('teams', by=['team_id']) }}
