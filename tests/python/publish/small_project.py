"""A project of six models with everything that publishes: what `publish` does is seen in seconds.

Its macros, hooks, plugins, settings and profile are those of Helios. Its marts are the few that
publishing asks about, counted from `tracking_data.csv` alone.
"""

import shutil
from pathlib import Path
from textwrap import dedent

from tests.python.support import PROJECT, Build, run_dbt

COPIED = (
    *("macros", "dbt_project.yml", "profiles.yml"),
    *("models/marts/meta_settings.sql", "seeds/reference/value_synonyms.csv"),
)
ORDERS = "read_csv('{{ raw_folder() }}/tracking_data.csv', all_varchar = true)"
FILES = {
    "models/staging/stg_orders.sql": f"""
        select try_cast(date as date) as date_day, try_cast(revenue as decimal(18, 2)) as revenue
        from {ORDERS}
    """,
    "models/marts/fct_revenue_days.sql": """
        select date_day, sum(revenue) as revenue from {{ ref('stg_orders') }}
        where date_day is not null group by all
    """,
    "models/marts/rpt_data_health.sql": """
        select
            'tracking_data' as raw_table, count(*) as rows_read, count(date_day) as rows_accepted,
            0::bigint as duplicates, 0::bigint as rows_superseded
        from {{ ref('stg_orders') }}
    """,
    "models/marts/rpt_influencer_performance.sql": """
        select 'A' as influencer_id, 1.0::double as break_even
    """,
    "models/marts/meta_models.sql": """
        -- depends_on: {{ ref('fct_revenue_days') }}, {{ ref('meta_settings') }}
        select *, null::varchar as compiled_sql from ({{ model_rows() }})
    """,
    "tests/data/assert_no_day_is_below_zero.sql": """
        select * from {{ ref('fct_revenue_days') }} where revenue < 0
    """,
    "seeds/reference/_seeds.yml": """
        seeds:
          - name: value_synonyms
            config: {column_types: {field: varchar, value: varchar, spelling: varchar}}
            columns:
              - {name: spelling, data_tests: [{spelled_once: {arguments: {within: field}}}]}
    """,
    "models/marts/_marts.yml": """
        models:
          - name: fct_revenue_days
            description: Revenue. Grain, one row per day.
            columns:
              - {name: date_day, data_type: date, data_tests: [unique, not_null]}
              - {name: revenue, data_type: "decimal(38, 2)"}
          - name: rpt_data_health
            columns:
              - {name: raw_table, data_type: varchar}
              - {name: rows_read, data_type: bigint}
              - {name: rows_accepted, data_type: bigint}
              - {name: duplicates, data_type: bigint}
              - {name: rows_superseded, data_type: bigint}
          - name: rpt_influencer_performance
            columns:
              - {name: influencer_id, data_type: varchar}
              - {name: break_even, data_type: double}
          - name: meta_models
            columns:
              - {name: model, data_type: varchar}
              - {name: layer, data_type: varchar}
              - {name: description, data_type: varchar}
              - {name: formula, data_type: varchar}
              - {name: compiled_sql, data_type: varchar}
              - {name: parents, data_type: varchar}
              - {name: rows, data_type: bigint}
          - name: meta_settings
            columns:
              - {name: setting, data_type: varchar}
              - {name: value, data_type: varchar}
              - {name: description, data_type: varchar}
        unit_tests:
          - name: revenue_of_a_day_is_a_sum
            model: fct_revenue_days
            given:
              - input: ref('stg_orders')
                rows: [{date_day: 2025-05-01, revenue: 1}, {date_day: 2025-05-01, revenue: 2}]
            expect:
              rows: [{date_day: 2025-05-01, revenue: 3}]
    """,
}


def write_project(folder: Path) -> Path:
    """Write the project into `folder`, and return `folder`."""
    for name in COPIED:
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy(PROJECT / name, folder / name)
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text), encoding="utf-8")
    return folder


def run_project(project: Path, *arguments: str, raw: Path) -> Build:
    """Run `dbt <arguments>` on the project, its warehouse in the folder of the project."""
    return run_dbt(*arguments, raw=raw, warehouse=project / "warehouse", project=project)
