-- What was answered to a request that is to be carried out once. Written with what the request appended, in the
-- same transaction; kept for a while, then forgotten. Not part of the truth: no entry depends on it.

create table log.receipts (
    tenant_id       text        not null,
    principal       text        not null,
    route           text        not null,
    key             text        not null,
    payload_digest  bytea       not null,
    status          integer     not null,
    aggregate_id    text,
    sequence_number bigint,
    position        bigint,
    hash            bytea,
    headers         jsonb,
    body            text,
    created_at      timestamptz not null default now(),
    expires_at      timestamptz not null,
    constraint receipts_pkey primary key (tenant_id, principal, route, key)
);

create index receipts_by_expiry on log.receipts (expires_at);

comment on table log.receipts is 'What was answered under an Idempotency-Key, until it expires';
comment on column log.receipts.payload_digest is 'SHA-256 of the request''s body';
comment on column log.receipts.hash is 'With aggregate, sequence number and position: the entry that the answer names';
comment on column log.receipts.body is 'The answer as it was sent, where nothing was appended';

grant select, insert, delete on log.receipts to agentflow_app;
