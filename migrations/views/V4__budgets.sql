-- Budgets show where all of their limit is. What the rows of before lack is in the log alone: they are built again.
truncate views.budgets;
delete from views.token_entry where processor_name = 'budgets';

alter table views.budgets
    add column allocated_tokens         bigint not null,
    add column allocated_micro_dollars  bigint not null,
    add column reserved_tokens          bigint not null,
    add column reserved_micro_dollars   bigint not null,
    add column soft_limit_tokens        bigint,
    add column soft_limit_micro_dollars bigint,
    add column period                   text not null check (period in ('none', 'daily', 'weekly', 'monthly')),
    add column period_end               timestamptz,
    add column closed                   boolean not null;

comment on column views.budgets.period_end is 'When its period rolls; null where none does';
