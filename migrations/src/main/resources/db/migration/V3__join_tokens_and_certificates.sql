-- By which agents get their first certificate. The secret itself is nowhere: its digest is enough to recognise it.
create table join_token (
    id varchar(40) primary key,
    secret_digest varchar(64) not null,
    host varchar(63),
    single_use boolean not null,
    created_at timestamp(3) with time zone not null,
    expires_at timestamp(3) with time zone not null,
    uses int not null,
    used_by varchar(63),
    -- Of the key it was used for last, so that an agent that lost the answer may ask again.
    used_key_digest varchar(64),
    revoked boolean not null,
    version bigint not null,
    constraint join_token_unique unique (secret_digest)
);

create index join_token_by_expiry on join_token (expires_at);

-- Hosts that have, or had, a certificate.
create table host_certificate (
    host varchar(63) primary key,
    key_digest varchar(64) not null,
    issued_at timestamp(3) with time zone not null,
    expires_at timestamp(3) with time zone not null,
    -- Shut out until it joins again.
    removed boolean not null,
    -- Certificates issued before are refused; null where the host was never shut out.
    refused_before timestamp(3) with time zone,
    version bigint not null
);
