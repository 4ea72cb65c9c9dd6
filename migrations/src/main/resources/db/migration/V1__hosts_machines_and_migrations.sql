-- The control plane's durable state. JSON is kept as text so that H2 and PostgreSQL read the same schema.

create table host (
    name varchar(63) primary key,
    site varchar(255) not null,
    agent_url varchar(2048) not null,
    agent_instance varchar(255) not null,
    inventory text not null,
    last_heartbeat timestamp(3) with time zone not null,
    version bigint not null
);

create table vm (
    id uuid primary key,
    name varchar(63) not null,
    host varchar(63) not null,
    -- CREATING until the host's agent has confirmed the machine; then READY.
    lifecycle varchar(16) not null,
    -- What the host's agent said last; STOPPED, RUNNING, PAUSED or FAILED.
    last_state varchar(16) not null,
    epoch bigint not null,
    definition text not null,
    -- The definition as it was asked for, to recognise a repeated request whose answer was lost.
    requested_definition text not null,
    -- The lock of a machine: at most one migration that has not ended.
    active_migration varchar(40),
    version bigint not null,
    constraint vm_name_unique unique (name)
);

create index vm_by_host on vm (host, name);

create table migration (
    id varchar(40) primary key,
    vm_id uuid not null,
    vm_name varchar(63) not null,
    source varchar(63) not null,
    destination varchar(63) not null,
    phase varchar(20) not null,
    priority int not null,
    epoch bigint not null,
    token varchar(64),
    pools text not null,
    networks text not null,
    policy text not null,
    -- What it takes at the destination, for other plans to leave alone while it is under way.
    reservation text,
    waiting_for varchar(1000),
    created_at timestamp(3) with time zone not null,
    started_at timestamp(3) with time zone,
    ended_at timestamp(3) with time zone,
    updated_at timestamp(3) with time zone not null,
    outgoing_ordered boolean not null,
    clean_up_ordered_at timestamp(3) with time zone,
    source_report text,
    destination_report text,
    progress text,
    problem text,
    receipt text,
    version bigint not null
);

create index migration_by_phase on migration (phase);
create index migration_by_vm on migration (vm_id);

create table migration_history (
    migration_id varchar(40) not null references migration (id),
    sequence_number int not null,
    phase varchar(20) not null,
    happened_at timestamp(3) with time zone not null,
    reason varchar(2000) not null,
    primary key (migration_id, sequence_number)
);

-- Commands that an agent has not acknowledged yet; written together with the change of state that asks for them.
create table agent_command (
    id varchar(40) primary key,
    migration_id varchar(40) not null references migration (id),
    host varchar(63) not null,
    kind varchar(20) not null,
    body text not null,
    created_at timestamp(3) with time zone not null
);

create index agent_command_by_migration on agent_command (migration_id, id);

create table idempotency_key (
    id varchar(300) primary key,
    body_digest varchar(64) not null,
    -- Chosen before the work is begun, so that a repetition after a crash continues it instead of doing it twice.
    resource_id varchar(40) not null,
    status int,
    answer text,
    location varchar(300),
    created_at timestamp(3) with time zone not null
);

create index idempotency_key_by_age on idempotency_key (created_at);
