-- Who loses its connection during an append moves the fence: what it sent can then no longer come into effect,
-- and what became of it can be looked up for certain.
alter table log.head add column fence bigint not null default 0;

comment on column log.head.position is 'Of the last entry; an append takes effect only where position and fence are what its writer knew';
comment on column log.head.fence is 'Moved when the outcome of an append has to be looked up';
