-- Counts the changes of a migration's policy, so that an agent can tell the newest from one that comes late.
alter table migration add column policy_revision bigint default 0 not null;
