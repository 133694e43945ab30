-- Fails for an experiment that lacks one of the eleven methods, has one twice, or has not exactly one default with its reason.
select
    experiments.experiment_id,
    count(figures.method) as methods,
    count(*) filter (where figures.is_default) as defaults
from {{ ref("dim_experiments") }} as experiments
left join {{ ref("fct_incremental_roas") }} as figures using (experiment_id)
group by all
having
    count(figures.method) <> 11
    or count(distinct figures.method) <> 11
    or count(*) filter (where figures.is_default) <> 1
    or count(*) filter (where figures.is_default is distinct from (figures.default_reason is not null)) > 0
