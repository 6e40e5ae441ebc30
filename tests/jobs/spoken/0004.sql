-- 1 rows
INSERT INTO tenants (id) VALUES ('tenant'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
INSERT INTO api_keys (id, tenant_id, name, digest, revoked_at) VALUES ('525ca19d0661'::VARCHAR, 'tenant'::VARCHAR, 'laptop'::VARCHAR, 'a407a4da2b06c87f0498d32da58471f00530aa27503ff7585255567451ffe6aa'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE) RETURNING api_keys.created_at;
-- 1 rows
SELECT api_keys.id, api_keys.tenant_id, api_keys.name, api_keys.digest, api_keys.created_at, api_keys.revoked_at FROM api_keys WHERE api_keys.tenant_id = 'tenant'::VARCHAR ORDER BY api_keys.created_at, api_keys.id;
-- 1 rows
UPDATE tenants SET requests_per_second=NULL, max_unfinished_jobs=10::BIGINT, retention_seconds=NULL WHERE tenants.id = 'tenant'::VARCHAR RETURNING tenants.id;
-- 1 rows
SELECT tenants.id, tenants.requests_per_second, tenants.max_unfinished_jobs, tenants.retention_seconds FROM tenants;
-- 1 rows
SELECT api_keys.id, api_keys.tenant_id, api_keys.digest FROM api_keys WHERE api_keys.revoked_at IS NULL;
-- 0 rows
INSERT INTO tenants (id) VALUES ('tenant'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM litter WHERE litter.prefix = 'tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR AND litter.not_before > clock_timestamp() + '0:30:00'::interval RETURNING litter.id;
-- 1 rows
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('tenant'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR, 10::BIGINT, 'tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM litter WHERE litter.prefix = 'tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR AND litter.not_before > clock_timestamp() + '0:30:00'::interval RETURNING litter.id;
-- 1 rows
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('tenant'::VARCHAR, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 10::BIGINT, 'tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR;
-- 1 rows
SELECT (SELECT count(*) FROM (SELECT FROM jobs WHERE tenant_id = 'tenant' AND state IN ('QUEUED', 'RUNNING') LIMIT 1000) AS unfinished), (SELECT object_name FROM appearances WHERE tenant_id = 'tenant' AND key = 'encoder/face');
-- 1 rows
WITH job AS ( INSERT INTO jobs (id, tenant_id, request_id, request_digest, state, result_kind, portrait_sha256, speech_sha256, motion_sha256, mouth_sha256, pose_sha256, expression_sha256, controls, appearance_key, engine, engine_version, traceparent, created_at, deadline_at) VALUES ('00000000000000000000000000000001'::uuid, 'tenant', 'once', 'cfabe9bf7dc8eb0361bebe3b36ab33e37d3676be0254b9a77ea610d9552b231e', 'QUEUED', 'VIDEO', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', NULL, NULL, NULL, NULL, '{"seed": "1"}'::jsonb::JSONB, 'encoder/face', '{"video": {}}'::jsonb::JSONB, 'mesh-6+7', NULL, clock_timestamp(), clock_timestamp() + 3600.0 * interval '1 second') ON CONFLICT ON CONSTRAINT jobs_tenant_id_request_id_key DO NOTHING RETURNING id, created_at, deadline_at ), stage AS ( INSERT INTO stages (job_id, kind, index, state, output, attempts, frames_done, input, hinted_at) SELECT job.id, new.kind, 0, new.state, new.output, 0, 0, '{}', now() FROM job, jsonb_to_recordset('[{"kind": "FACE_ENCODE", "state": "READY"}, {"kind": "MOTION", "state": "BLOCKED"}, {"kind": "JOIN", "state": "BLOCKED"}]'::jsonb::JSONB) AS new (kind text, state text, output jsonb) ), event AS ( INSERT INTO events (job_id, what, data) SELECT id, 'job accepted', '{}' FROM job ), hint AS ( INSERT INTO outbox (queue) SELECT 'face-encode' FROM job ) SELECT created_at, deadline_at, pg_notify('vasari_outbox', 'hint') FROM job;
-- 0 rows
INSERT INTO tenants (id) VALUES ('tenant'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM litter WHERE litter.prefix = 'tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR AND litter.not_before > clock_timestamp() + '0:30:00'::interval RETURNING litter.id;
-- 0 rows
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('tenant'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR, 10::BIGINT, 'tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM litter WHERE litter.prefix = 'tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR AND litter.not_before > clock_timestamp() + '0:30:00'::interval RETURNING litter.id;
-- 0 rows
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('tenant'::VARCHAR, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 10::BIGINT, 'tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR;
-- 1 rows
SELECT (SELECT count(*) FROM (SELECT FROM jobs WHERE tenant_id = 'tenant' AND state IN ('QUEUED', 'RUNNING') LIMIT 1000) AS unfinished), (SELECT object_name FROM appearances WHERE tenant_id = 'tenant' AND key = 'encoder/face');
-- 0 rows
WITH job AS ( INSERT INTO jobs (id, tenant_id, request_id, request_digest, state, result_kind, portrait_sha256, speech_sha256, motion_sha256, mouth_sha256, pose_sha256, expression_sha256, controls, appearance_key, engine, engine_version, traceparent, created_at, deadline_at) VALUES ('00000000000000000000000000000002'::uuid, 'tenant', 'once', 'cfabe9bf7dc8eb0361bebe3b36ab33e37d3676be0254b9a77ea610d9552b231e', 'QUEUED', 'VIDEO', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', NULL, NULL, NULL, NULL, '{"seed": "1"}'::jsonb::JSONB, 'encoder/face', '{"video": {}}'::jsonb::JSONB, 'mesh-6+7', NULL, clock_timestamp(), clock_timestamp() + 3600.0 * interval '1 second') ON CONFLICT ON CONSTRAINT jobs_tenant_id_request_id_key DO NOTHING RETURNING id, created_at, deadline_at ), stage AS ( INSERT INTO stages (job_id, kind, index, state, output, attempts, frames_done, input, hinted_at) SELECT job.id, new.kind, 0, new.state, new.output, 0, 0, '{}', now() FROM job, jsonb_to_recordset('[{"kind": "FACE_ENCODE", "state": "READY"}, {"kind": "MOTION", "state": "BLOCKED"}, {"kind": "JOIN", "state": "BLOCKED"}]'::jsonb::JSONB) AS new (kind text, state text, output jsonb) ), event AS ( INSERT INTO events (job_id, what, data) SELECT id, 'job accepted', '{}' FROM job ), hint AS ( INSERT INTO outbox (queue) SELECT 'face-encode' FROM job ) SELECT created_at, deadline_at, pg_notify('vasari_outbox', 'hint') FROM job;
-- 1 rows
SELECT jobs.id, jobs.request_digest FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND jobs.request_id = 'once'::VARCHAR;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND jobs.id = '00000000000000000000000000000001'::uuid::UUID;
-- 3 rows
SELECT stages.job_id, stages.id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id IN ('00000000000000000000000000000001'::uuid::UUID) ORDER BY stages.id;
-- 1 rows
SELECT outbox.id, outbox.queue FROM outbox WHERE outbox.not_before <= clock_timestamp() ORDER BY outbox.id LIMIT 100::INTEGER FOR UPDATE SKIP LOCKED;
-- 1 rows
DELETE FROM outbox WHERE outbox.id IN (1::BIGINT);
-- 1 rows
SELECT stages.id FROM stages WHERE stages.kind = 'FACE_ENCODE' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND stages.hinted_at < clock_timestamp() - '0:00:00'::interval FOR UPDATE SKIP LOCKED;
-- 1 rows
UPDATE stages SET hinted_at=clock_timestamp() WHERE stages.id IN (1::BIGINT);
-- 1 rows
SELECT count(*) AS count_1 FROM outbox WHERE outbox.queue = 'face-encode'::VARCHAR;
-- 1 rows
INSERT INTO outbox (queue) VALUES ('face-encode'::VARCHAR) RETURNING outbox.id, outbox.not_before;
-- 0 rows
SELECT stages.id FROM stages WHERE stages.kind = 'MOTION' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND stages.hinted_at < clock_timestamp() - '0:00:00'::interval FOR UPDATE SKIP LOCKED;
-- 0 rows
UPDATE stages SET hinted_at=clock_timestamp() WHERE stages.id IN (NULL) AND (1 != 1);
-- 1 rows
SELECT count(*) AS count_1 FROM outbox WHERE outbox.queue = 'motion'::VARCHAR;
-- 0 rows
SELECT stages.id FROM stages WHERE stages.kind = 'RENDER' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND stages.hinted_at < clock_timestamp() - '0:00:00'::interval FOR UPDATE SKIP LOCKED;
-- 0 rows
UPDATE stages SET hinted_at=clock_timestamp() WHERE stages.id IN (NULL) AND (1 != 1);
-- 1 rows
SELECT count(*) AS count_1 FROM outbox WHERE outbox.queue = 'render'::VARCHAR;
-- 1 rows
UPDATE stages SET run_after=(clock_timestamp() - interval '1 second') WHERE stages.state = 'READY';
-- 1 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'FACE_ENCODE' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- -1 rows
SAVEPOINT sa_savepoint_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 1::BIGINT;
-- -1 rows
RELEASE SAVEPOINT sa_savepoint_1;
-- 1 rows
select nextval('lease_token');
-- 1 rows
INSERT INTO attempts (token, stage_id, worker, ended_at, outcome, error) VALUES (1::BIGINT, 1::BIGINT, 'worker'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE, NULL, NULL::VARCHAR) RETURNING attempts.started_at;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'stage started'::VARCHAR, '{"kind": "FACE_ENCODE", "index": 0, "attempt": 1}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE jobs SET state='RUNNING', started_at=clock_timestamp() WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID;
-- 1 rows
UPDATE stages SET state='RUNNING', attempts=1::BIGINT, token=1::BIGINT, worker='worker'::VARCHAR, lease_expires_at=(clock_timestamp() + '0:01:00'::interval), started_at=clock_timestamp() WHERE stages.id = 1::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.sha256, assets.object_name FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR);
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID AND stages.kind IN ('FACE_ENCODE') ORDER BY stages.kind, stages.index;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 1::BIGINT;
-- 1 rows
INSERT INTO appearances (tenant_id, key, object_name) VALUES ('tenant'::VARCHAR, 'encoder/face'::VARCHAR, 'tenant/appearances/encoder/face/1/face-encode'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT appearances.tenant_id, appearances.key, appearances.object_name, appearances.created_at FROM appearances WHERE appearances.tenant_id = 'tenant'::VARCHAR AND appearances.key = 'encoder/face'::VARCHAR;
-- 1 rows
UPDATE attempts SET ended_at=clock_timestamp(), outcome='SUCCEEDED', error=NULL::VARCHAR WHERE attempts.token = 1::BIGINT;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'stage finished'::VARCHAR, '{"kind": "FACE_ENCODE", "index": 0}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='SUCCEEDED', lease_expires_at=NULL::TIMESTAMP WITH TIME ZONE, output='{"object": "tenant/appearances/encoder/face/1/face-encode"}'::jsonb::JSONB, ended_at=clock_timestamp() WHERE stages.id = 1::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 3 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID AND stages.kind IN ('FACE_ENCODE', 'MOTION', 'RENDER', 'JOIN') ORDER BY stages.kind, stages.index;
-- 1 rows
UPDATE stages SET state='READY', run_after=(now() + '0:00:00'::interval), hinted_at=(now() + '0:00:00'::interval) WHERE stages.id = 2::BIGINT;
-- 1 rows
INSERT INTO outbox (queue, not_before) VALUES ('motion'::VARCHAR, (now() + '0:00:00'::interval)) RETURNING pg_notify('vasari_outbox'::VARCHAR, 'hint'::VARCHAR) AS pg_notify_1;
-- 1 rows
UPDATE stages SET run_after=(clock_timestamp() - interval '1 second') WHERE stages.state = 'READY';
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'FACE_ENCODE' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 1 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'MOTION' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- -1 rows
SAVEPOINT sa_savepoint_2;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 2::BIGINT;
-- -1 rows
RELEASE SAVEPOINT sa_savepoint_2;
-- 1 rows
select nextval('lease_token');
-- 1 rows
INSERT INTO attempts (token, stage_id, worker, ended_at, outcome, error) VALUES (2::BIGINT, 2::BIGINT, 'worker'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE, NULL, NULL::VARCHAR) RETURNING attempts.started_at;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'stage started'::VARCHAR, '{"kind": "MOTION", "index": 0, "attempt": 1}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='RUNNING', attempts=1::BIGINT, token=2::BIGINT, worker='worker'::VARCHAR, lease_expires_at=(clock_timestamp() + '0:01:00'::interval), started_at=clock_timestamp() WHERE stages.id = 2::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.sha256, assets.object_name FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR);
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID AND stages.kind IN ('FACE_ENCODE') ORDER BY stages.kind, stages.index;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 2::BIGINT;
-- 1 rows
UPDATE jobs SET frames_total=100::BIGINT WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID;
-- 1 rows
UPDATE stages SET frames=100::BIGINT WHERE stages.id = 2::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 2::BIGINT;
-- 1 rows
INSERT INTO stages (job_id, kind, index, state, attempts, first_frame, frames, frames_done, input) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'RENDER', 0::BIGINT, 'BLOCKED', 0::BIGINT, 0::BIGINT, 50::BIGINT, 0::BIGINT, '{"motion": "tenant/jobs/00000000-0000-0000-0000-000000000001/2/0"}'::jsonb::JSONB) ON CONFLICT ON CONSTRAINT stages_job_id_kind_index_key DO NOTHING RETURNING stages.id;
-- 1 rows
UPDATE stages SET frames_done=50::BIGINT WHERE stages.id = 2::BIGINT;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 4::BIGINT;
-- 1 rows
UPDATE stages SET state='READY', run_after=(now() + '0:00:00'::interval), hinted_at=(now() + '0:00:00'::interval) WHERE stages.id = 4::BIGINT;
-- 1 rows
INSERT INTO outbox (queue, not_before) VALUES ('render'::VARCHAR, (now() + '0:00:00'::interval)) RETURNING pg_notify('vasari_outbox'::VARCHAR, 'hint'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 2::BIGINT;
-- 1 rows
INSERT INTO stages (job_id, kind, index, state, attempts, first_frame, frames, frames_done, input) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'RENDER', 1::BIGINT, 'BLOCKED', 0::BIGINT, 50::BIGINT, 50::BIGINT, 0::BIGINT, '{"motion": "tenant/jobs/00000000-0000-0000-0000-000000000001/2/1"}'::jsonb::JSONB) ON CONFLICT ON CONSTRAINT stages_job_id_kind_index_key DO NOTHING RETURNING stages.id;
-- 1 rows
UPDATE stages SET frames_done=100::BIGINT WHERE stages.id = 2::BIGINT;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 5::BIGINT;
-- 1 rows
UPDATE stages SET state='READY', run_after=(now() + '0:00:00'::interval), hinted_at=(now() + '0:00:00'::interval) WHERE stages.id = 5::BIGINT;
-- 1 rows
INSERT INTO outbox (queue, not_before) VALUES ('render'::VARCHAR, (now() + '0:00:00'::interval)) RETURNING pg_notify('vasari_outbox'::VARCHAR, 'hint'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 2::BIGINT;
-- 1 rows
UPDATE attempts SET ended_at=clock_timestamp(), outcome='SUCCEEDED', error=NULL::VARCHAR WHERE attempts.token = 2::BIGINT;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'stage finished'::VARCHAR, '{"kind": "MOTION", "index": 0}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='SUCCEEDED', lease_expires_at=NULL::TIMESTAMP WITH TIME ZONE, output='{"object": "tenant/jobs/00000000-0000-0000-0000-000000000001/2/motion"}'::jsonb::JSONB, ended_at=clock_timestamp() WHERE stages.id = 2::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 5 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID AND stages.kind IN ('FACE_ENCODE', 'MOTION', 'RENDER', 'JOIN') ORDER BY stages.kind, stages.index;
-- 2 rows
UPDATE stages SET run_after=(clock_timestamp() - interval '1 second') WHERE stages.state = 'READY';
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'FACE_ENCODE' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'MOTION' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 1 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'RENDER' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- -1 rows
SAVEPOINT sa_savepoint_3;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 4::BIGINT;
-- -1 rows
RELEASE SAVEPOINT sa_savepoint_3;
-- 1 rows
select nextval('lease_token');
-- 1 rows
INSERT INTO attempts (token, stage_id, worker, ended_at, outcome, error) VALUES (3::BIGINT, 4::BIGINT, 'worker'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE, NULL, NULL::VARCHAR) RETURNING attempts.started_at;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'stage started'::VARCHAR, '{"kind": "RENDER", "index": 0, "attempt": 1}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='RUNNING', attempts=1::BIGINT, token=3::BIGINT, worker='worker'::VARCHAR, lease_expires_at=(clock_timestamp() + '0:01:00'::interval), started_at=clock_timestamp() WHERE stages.id = 4::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.sha256, assets.object_name FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR);
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID AND stages.kind IN ('FACE_ENCODE') ORDER BY stages.kind, stages.index;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 4::BIGINT;
-- 1 rows
UPDATE attempts SET ended_at=clock_timestamp(), outcome='SUCCEEDED', error=NULL::VARCHAR WHERE attempts.token = 3::BIGINT;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'stage finished'::VARCHAR, '{"kind": "RENDER", "index": 0}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='SUCCEEDED', lease_expires_at=NULL::TIMESTAMP WITH TIME ZONE, frames_done=50::BIGINT, output='{"object": "tenant/jobs/00000000-0000-0000-0000-000000000001/3/render"}'::jsonb::JSONB, ended_at=clock_timestamp() WHERE stages.id = 4::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 5 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID AND stages.kind IN ('FACE_ENCODE', 'MOTION', 'RENDER', 'JOIN') ORDER BY stages.kind, stages.index;
-- 1 rows
UPDATE stages SET run_after=(clock_timestamp() - interval '1 second') WHERE stages.state = 'READY';
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'FACE_ENCODE' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'MOTION' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 1 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'RENDER' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- -1 rows
SAVEPOINT sa_savepoint_4;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 5::BIGINT;
-- -1 rows
RELEASE SAVEPOINT sa_savepoint_4;
-- 1 rows
select nextval('lease_token');
-- 1 rows
INSERT INTO attempts (token, stage_id, worker, ended_at, outcome, error) VALUES (4::BIGINT, 5::BIGINT, 'worker'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE, NULL, NULL::VARCHAR) RETURNING attempts.started_at;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'stage started'::VARCHAR, '{"kind": "RENDER", "index": 1, "attempt": 1}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='RUNNING', attempts=1::BIGINT, token=4::BIGINT, worker='worker'::VARCHAR, lease_expires_at=(clock_timestamp() + '0:01:00'::interval), started_at=clock_timestamp() WHERE stages.id = 5::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.sha256, assets.object_name FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR);
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID AND stages.kind IN ('FACE_ENCODE') ORDER BY stages.kind, stages.index;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 5::BIGINT;
-- 1 rows
UPDATE attempts SET ended_at=clock_timestamp(), outcome='SUCCEEDED', error=NULL::VARCHAR WHERE attempts.token = 4::BIGINT;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'stage finished'::VARCHAR, '{"kind": "RENDER", "index": 1}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='SUCCEEDED', lease_expires_at=NULL::TIMESTAMP WITH TIME ZONE, frames_done=50::BIGINT, output='{"object": "tenant/jobs/00000000-0000-0000-0000-000000000001/4/render"}'::jsonb::JSONB, ended_at=clock_timestamp() WHERE stages.id = 5::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 5 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID AND stages.kind IN ('FACE_ENCODE', 'MOTION', 'RENDER', 'JOIN') ORDER BY stages.kind, stages.index;
-- 1 rows
UPDATE stages SET state='READY', run_after=(now() + '0:00:00'::interval), hinted_at=(now() + '0:00:00'::interval) WHERE stages.id = 3::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'join'::VARCHAR) AS pg_notify_1;
-- 1 rows
UPDATE stages SET run_after=(clock_timestamp() - interval '1 second') WHERE stages.state = 'READY';
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'FACE_ENCODE' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'MOTION' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'RENDER' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 1 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'JOIN' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (true OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- -1 rows
SAVEPOINT sa_savepoint_5;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 3::BIGINT;
-- -1 rows
RELEASE SAVEPOINT sa_savepoint_5;
-- 1 rows
select nextval('lease_token');
-- 1 rows
INSERT INTO attempts (token, stage_id, worker, ended_at, outcome, error) VALUES (5::BIGINT, 3::BIGINT, 'worker'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE, NULL, NULL::VARCHAR) RETURNING attempts.started_at;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'stage started'::VARCHAR, '{"kind": "JOIN", "index": 0, "attempt": 1}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='RUNNING', attempts=1::BIGINT, token=5::BIGINT, worker='worker'::VARCHAR, lease_expires_at=(clock_timestamp() + '0:01:00'::interval), started_at=clock_timestamp() WHERE stages.id = 3::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.sha256, assets.object_name FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR);
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID AND stages.kind IN ('FACE_ENCODE') ORDER BY stages.kind, stages.index;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 3::BIGINT;
-- 1 rows
UPDATE attempts SET ended_at=clock_timestamp(), outcome='SUCCEEDED', error=NULL::VARCHAR WHERE attempts.token = 5::BIGINT;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'stage finished'::VARCHAR, '{"kind": "JOIN", "index": 0}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='SUCCEEDED', lease_expires_at=NULL::TIMESTAMP WITH TIME ZONE, output='{"object": "tenant/jobs/00000000-0000-0000-0000-000000000001/5/video.mp4", "width": 512, "height": 512, "fps": 25, "frames": 100, "size": 1, "sha256": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"}'::jsonb::JSONB, ended_at=clock_timestamp() WHERE stages.id = 3::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 1 rows
UPDATE jobs SET state='SUCCEEDED', result='{"object": "tenant/jobs/00000000-0000-0000-0000-000000000001/5/video.mp4", "width": 512, "height": 512, "fps": 25, "frames": 100, "size": 1, "sha256": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"}'::jsonb::JSONB, ended_at=clock_timestamp() WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID;
-- 5 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID AND stages.kind IN ('FACE_ENCODE', 'MOTION', 'RENDER', 'JOIN') ORDER BY stages.kind, stages.index;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000001/'::VARCHAR, 'tenant/jobs/00000000-0000-0000-0000-000000000001/5/video.mp4'::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000001/'::VARCHAR, 'tenant/jobs/00000000-0000-0000-0000-000000000001/5/video.mp4'::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'job succeeded'::VARCHAR, '{}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000001'::VARCHAR) AS pg_notify_1;
-- 0 rows
UPDATE stages SET run_after=(clock_timestamp() - interval '1 second') WHERE stages.state = 'READY';
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'FACE_ENCODE' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'MOTION' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'RENDER' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 0 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'JOIN' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (true OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND jobs.id = '00000000000000000000000000000001'::uuid::UUID;
-- 5 rows
SELECT stages.job_id, stages.id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id IN ('00000000000000000000000000000001'::uuid::UUID) ORDER BY stages.id;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR ORDER BY jobs.created_at DESC, jobs.id DESC LIMIT 50::INTEGER;
-- 5 rows
SELECT stages.job_id, stages.id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id IN ('00000000000000000000000000000001'::uuid::UUID) ORDER BY stages.id;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id IN ('00000000000000000000000000000001'::uuid::UUID);
-- 5 rows
SELECT stages.job_id, stages.id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id IN ('00000000000000000000000000000001'::uuid::UUID) ORDER BY stages.id;
-- 0 rows
INSERT INTO tenants (id) VALUES ('tenant'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM litter WHERE litter.prefix = 'tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR AND litter.not_before > clock_timestamp() + '0:30:00'::interval RETURNING litter.id;
-- 0 rows
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('tenant'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR, 10::BIGINT, 'tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM litter WHERE litter.prefix = 'tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR AND litter.not_before > clock_timestamp() + '0:30:00'::interval RETURNING litter.id;
-- 0 rows
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('tenant'::VARCHAR, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 10::BIGINT, 'tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR;
-- 1 rows
SELECT (SELECT count(*) FROM (SELECT FROM jobs WHERE tenant_id = 'tenant' AND state IN ('QUEUED', 'RUNNING') LIMIT 1000) AS unfinished), (SELECT object_name FROM appearances WHERE tenant_id = 'tenant' AND key = 'encoder/face');
-- 1 rows
WITH job AS ( INSERT INTO jobs (id, tenant_id, request_id, request_digest, state, result_kind, portrait_sha256, speech_sha256, motion_sha256, mouth_sha256, pose_sha256, expression_sha256, controls, appearance_key, engine, engine_version, traceparent, created_at, deadline_at) VALUES ('00000000000000000000000000000003'::uuid, 'tenant', NULL, 'cfabe9bf7dc8eb0361bebe3b36ab33e37d3676be0254b9a77ea610d9552b231e', 'QUEUED', 'VIDEO', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', NULL, NULL, NULL, NULL, '{"seed": "1"}'::jsonb::JSONB, 'encoder/face', '{"video": {}}'::jsonb::JSONB, 'mesh-6+7', NULL, clock_timestamp(), clock_timestamp() + 3600.0 * interval '1 second') ON CONFLICT ON CONSTRAINT jobs_tenant_id_request_id_key DO NOTHING RETURNING id, created_at, deadline_at ), stage AS ( INSERT INTO stages (job_id, kind, index, state, output, attempts, frames_done, input, hinted_at) SELECT job.id, new.kind, 0, new.state, new.output, 0, 0, '{}', now() FROM job, jsonb_to_recordset('[{"kind": "FACE_ENCODE", "state": "SKIPPED", "output": {"object": "tenant/appearances/encoder/face/1/face-encode"}}, {"kind": "MOTION", "state": "READY"}, {"kind": "JOIN", "state": "BLOCKED"}]'::jsonb::JSONB) AS new (kind text, state text, output jsonb) ), event AS ( INSERT INTO events (job_id, what, data) SELECT id, 'job accepted', '{}' FROM job ), hint AS ( INSERT INTO outbox (queue) SELECT 'motion' FROM job ) SELECT created_at, deadline_at, pg_notify('vasari_outbox', 'hint') FROM job;
-- 1 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'MOTION' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- -1 rows
SAVEPOINT sa_savepoint_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 7::BIGINT;
-- -1 rows
RELEASE SAVEPOINT sa_savepoint_1;
-- 1 rows
select nextval('lease_token');
-- 1 rows
INSERT INTO attempts (token, stage_id, worker, ended_at, outcome, error) VALUES (6::BIGINT, 7::BIGINT, 'worker'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE, NULL, NULL::VARCHAR) RETURNING attempts.started_at;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'stage started'::VARCHAR, '{"kind": "MOTION", "index": 0, "attempt": 1}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE jobs SET state='RUNNING', started_at=clock_timestamp() WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID;
-- 1 rows
UPDATE stages SET state='RUNNING', attempts=1::BIGINT, token=6::BIGINT, worker='worker'::VARCHAR, lease_expires_at=(clock_timestamp() + '0:01:00'::interval), started_at=clock_timestamp() WHERE stages.id = 7::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.sha256, assets.object_name FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR);
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000003'::uuid::UUID AND stages.kind IN ('FACE_ENCODE') ORDER BY stages.kind, stages.index;
-- 1 rows
UPDATE stages SET lease_expires_at=(clock_timestamp() + '0:01:00'::interval), frames_done=1::BIGINT WHERE stages.id = 7::BIGINT AND stages.token = 6::BIGINT AND stages.state = 'RUNNING' RETURNING stages.id;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 7::BIGINT;
-- 1 rows
UPDATE attempts SET ended_at=clock_timestamp(), outcome='RELEASED', error=NULL::VARCHAR WHERE attempts.token = 6::BIGINT;
-- 1 rows
UPDATE stages SET state='READY', attempts=0::BIGINT, run_after=(now() + '0:00:00'::interval), hinted_at=(now() + '0:00:00'::interval), lease_expires_at=NULL::TIMESTAMP WITH TIME ZONE WHERE stages.id = 7::BIGINT;
-- 1 rows
INSERT INTO outbox (queue, not_before) VALUES ('motion'::VARCHAR, (now() + '0:00:00'::interval)) RETURNING pg_notify('vasari_outbox'::VARCHAR, 'hint'::VARCHAR) AS pg_notify_1;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'stage released'::VARCHAR, '{"kind": "MOTION", "index": 0}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'MOTION' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- -1 rows
SAVEPOINT sa_savepoint_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 7::BIGINT;
-- -1 rows
RELEASE SAVEPOINT sa_savepoint_1;
-- 1 rows
select nextval('lease_token');
-- 1 rows
INSERT INTO attempts (token, stage_id, worker, ended_at, outcome, error) VALUES (7::BIGINT, 7::BIGINT, 'worker'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE, NULL, NULL::VARCHAR) RETURNING attempts.started_at;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'stage started'::VARCHAR, '{"kind": "MOTION", "index": 0, "attempt": 1}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='RUNNING', attempts=1::BIGINT, token=7::BIGINT, lease_expires_at=(clock_timestamp() + '0:01:00'::interval), frames_done=0::BIGINT, started_at=clock_timestamp() WHERE stages.id = 7::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.sha256, assets.object_name FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR);
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000003'::uuid::UUID AND stages.kind IN ('FACE_ENCODE') ORDER BY stages.kind, stages.index;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 7::BIGINT;
-- 1 rows
UPDATE attempts SET ended_at=clock_timestamp(), outcome='FAILED', error='INTERNAL: it raised'::VARCHAR WHERE attempts.token = 7::BIGINT;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'stage failed'::VARCHAR, '{"kind": "MOTION", "index": 0, "reason": "INTERNAL"}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET lease_expires_at=NULL::TIMESTAMP WITH TIME ZONE WHERE stages.id = 7::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 1 rows
UPDATE stages SET state='READY', run_after=(now() + '0:00:01'::interval), hinted_at=(now() + '0:00:01'::interval) WHERE stages.id = 7::BIGINT;
-- 1 rows
INSERT INTO outbox (queue, not_before) VALUES ('motion'::VARCHAR, (now() + '0:00:01'::interval)) RETURNING pg_notify('vasari_outbox'::VARCHAR, 'hint'::VARCHAR) AS pg_notify_1;
-- 1 rows
UPDATE stages SET run_after=(clock_timestamp() - interval '1 second') WHERE stages.state = 'READY';
-- 1 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'MOTION' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- -1 rows
SAVEPOINT sa_savepoint_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 7::BIGINT;
-- -1 rows
RELEASE SAVEPOINT sa_savepoint_1;
-- 1 rows
select nextval('lease_token');
-- 1 rows
INSERT INTO attempts (token, stage_id, worker, ended_at, outcome, error) VALUES (8::BIGINT, 7::BIGINT, 'worker'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE, NULL, NULL::VARCHAR) RETURNING attempts.started_at;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'stage started'::VARCHAR, '{"kind": "MOTION", "index": 0, "attempt": 2}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='RUNNING', attempts=2::BIGINT, token=8::BIGINT, lease_expires_at=(clock_timestamp() + '0:01:00'::interval), started_at=clock_timestamp() WHERE stages.id = 7::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.sha256, assets.object_name FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR);
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000003'::uuid::UUID AND stages.kind IN ('FACE_ENCODE') ORDER BY stages.kind, stages.index;
-- 1 rows
UPDATE stages SET lease_expires_at=(clock_timestamp() - interval '1 second') WHERE stages.state = 'RUNNING';
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs JOIN stages ON stages.job_id = jobs.id WHERE stages.state = 'RUNNING' AND stages.lease_expires_at < clock_timestamp() LIMIT 1::INTEGER FOR UPDATE OF jobs SKIP LOCKED;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000003'::uuid::UUID AND stages.state = 'RUNNING' AND stages.lease_expires_at < clock_timestamp();
-- 1 rows
UPDATE attempts SET ended_at=clock_timestamp(), outcome='LOST', error=NULL::VARCHAR WHERE attempts.token = 8::BIGINT;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'stage failed'::VARCHAR, '{"kind": "MOTION", "index": 0, "reason": "INTERNAL"}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET lease_expires_at=NULL::TIMESTAMP WITH TIME ZONE WHERE stages.id = 7::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 1 rows
UPDATE stages SET state='READY', run_after=(now() + '0:00:02'::interval), hinted_at=(now() + '0:00:02'::interval) WHERE stages.id = 7::BIGINT;
-- 1 rows
INSERT INTO outbox (queue, not_before) VALUES ('motion'::VARCHAR, (now() + '0:00:02'::interval)) RETURNING pg_notify('vasari_outbox'::VARCHAR, 'hint'::VARCHAR) AS pg_notify_1;
-- 1 rows
UPDATE stages SET run_after=(clock_timestamp() - interval '1 second') WHERE stages.state = 'READY';
-- 1 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'MOTION' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- -1 rows
SAVEPOINT sa_savepoint_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 7::BIGINT;
-- -1 rows
RELEASE SAVEPOINT sa_savepoint_1;
-- 1 rows
select nextval('lease_token');
-- 1 rows
INSERT INTO attempts (token, stage_id, worker, ended_at, outcome, error) VALUES (9::BIGINT, 7::BIGINT, 'worker'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE, NULL, NULL::VARCHAR) RETURNING attempts.started_at;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'stage started'::VARCHAR, '{"kind": "MOTION", "index": 0, "attempt": 3}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='RUNNING', attempts=3::BIGINT, token=9::BIGINT, lease_expires_at=(clock_timestamp() + '0:01:00'::interval), started_at=clock_timestamp() WHERE stages.id = 7::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.sha256, assets.object_name FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR);
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000003'::uuid::UUID AND stages.kind IN ('FACE_ENCODE') ORDER BY stages.kind, stages.index;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 7::BIGINT;
-- 1 rows
UPDATE jobs SET frames_total=100::BIGINT WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID;
-- 1 rows
UPDATE stages SET frames=100::BIGINT WHERE stages.id = 7::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 7::BIGINT;
-- 1 rows
INSERT INTO stages (job_id, kind, index, state, attempts, first_frame, frames, frames_done, input) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'RENDER', 0::BIGINT, 'BLOCKED', 0::BIGINT, 0::BIGINT, 50::BIGINT, 0::BIGINT, '{"motion": "tenant/jobs/00000000-0000-0000-0000-000000000003/9/0"}'::jsonb::JSONB) ON CONFLICT ON CONSTRAINT stages_job_id_kind_index_key DO NOTHING RETURNING stages.id;
-- 1 rows
UPDATE stages SET frames_done=50::BIGINT WHERE stages.id = 7::BIGINT;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 9::BIGINT;
-- 1 rows
UPDATE stages SET state='READY', run_after=(now() + '0:00:00'::interval), hinted_at=(now() + '0:00:00'::interval) WHERE stages.id = 9::BIGINT;
-- 1 rows
INSERT INTO outbox (queue, not_before) VALUES ('render'::VARCHAR, (now() + '0:00:00'::interval)) RETURNING pg_notify('vasari_outbox'::VARCHAR, 'hint'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 7::BIGINT;
-- 1 rows
INSERT INTO stages (job_id, kind, index, state, attempts, first_frame, frames, frames_done, input) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'RENDER', 1::BIGINT, 'BLOCKED', 0::BIGINT, 50::BIGINT, 50::BIGINT, 0::BIGINT, '{"motion": "tenant/jobs/00000000-0000-0000-0000-000000000003/9/1"}'::jsonb::JSONB) ON CONFLICT ON CONSTRAINT stages_job_id_kind_index_key DO NOTHING RETURNING stages.id;
-- 1 rows
UPDATE stages SET frames_done=100::BIGINT WHERE stages.id = 7::BIGINT;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 10::BIGINT;
-- 1 rows
UPDATE stages SET state='READY', run_after=(now() + '0:00:00'::interval), hinted_at=(now() + '0:00:00'::interval) WHERE stages.id = 10::BIGINT;
-- 1 rows
INSERT INTO outbox (queue, not_before) VALUES ('render'::VARCHAR, (now() + '0:00:00'::interval)) RETURNING pg_notify('vasari_outbox'::VARCHAR, 'hint'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 7::BIGINT;
-- 1 rows
UPDATE attempts SET ended_at=clock_timestamp(), outcome='SUCCEEDED', error=NULL::VARCHAR WHERE attempts.token = 9::BIGINT;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'stage finished'::VARCHAR, '{"kind": "MOTION", "index": 0}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE stages SET state='SUCCEEDED', lease_expires_at=NULL::TIMESTAMP WITH TIME ZONE, output='{"object": "tenant/jobs/00000000-0000-0000-0000-000000000003/9/motion"}'::jsonb::JSONB, ended_at=clock_timestamp() WHERE stages.id = 7::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 5 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000003'::uuid::UUID AND stages.kind IN ('FACE_ENCODE', 'MOTION', 'RENDER', 'JOIN') ORDER BY stages.kind, stages.index;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
UPDATE jobs SET state='CANCELLED', ended_at=clock_timestamp() WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID;
-- 5 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000003'::uuid::UUID AND stages.kind IN ('FACE_ENCODE', 'MOTION', 'RENDER', 'JOIN') ORDER BY stages.kind, stages.index;
-- 1 rows
UPDATE stages SET state='CANCELLED', ended_at=clock_timestamp() WHERE stages.id = 8::BIGINT;
-- 1 rows
UPDATE stages SET state='CANCELLED', ended_at=clock_timestamp() WHERE stages.id = 9::BIGINT;
-- 1 rows
UPDATE stages SET state='CANCELLED', ended_at=clock_timestamp() WHERE stages.id = 10::BIGINT;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000003/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000003/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'job cancelled'::VARCHAR, '{}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000003'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND jobs.id = '00000000000000000000000000000003'::uuid::UUID;
-- 5 rows
SELECT stages.job_id, stages.id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id IN ('00000000000000000000000000000003'::uuid::UUID) ORDER BY stages.id;
-- 0 rows
INSERT INTO tenants (id) VALUES ('tenant'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM litter WHERE litter.prefix = 'tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR AND litter.not_before > clock_timestamp() + '0:30:00'::interval RETURNING litter.id;
-- 0 rows
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('tenant'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR, 10::BIGINT, 'tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM litter WHERE litter.prefix = 'tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR AND litter.not_before > clock_timestamp() + '0:30:00'::interval RETURNING litter.id;
-- 0 rows
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('tenant'::VARCHAR, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 10::BIGINT, 'tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR;
-- 1 rows
SELECT (SELECT count(*) FROM (SELECT FROM jobs WHERE tenant_id = 'tenant' AND state IN ('QUEUED', 'RUNNING') LIMIT 1000) AS unfinished), (SELECT object_name FROM appearances WHERE tenant_id = 'tenant' AND key = 'encoder/other');
-- 1 rows
WITH job AS ( INSERT INTO jobs (id, tenant_id, request_id, request_digest, state, result_kind, portrait_sha256, speech_sha256, motion_sha256, mouth_sha256, pose_sha256, expression_sha256, controls, appearance_key, engine, engine_version, traceparent, created_at, deadline_at) VALUES ('00000000000000000000000000000004'::uuid, 'tenant', NULL, 'cfabe9bf7dc8eb0361bebe3b36ab33e37d3676be0254b9a77ea610d9552b231e', 'QUEUED', 'VIDEO', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', NULL, NULL, NULL, NULL, '{"seed": "1"}'::jsonb::JSONB, 'encoder/other', '{"video": {}}'::jsonb::JSONB, 'mesh-6+7', NULL, clock_timestamp(), clock_timestamp() + 3600.0 * interval '1 second') ON CONFLICT ON CONSTRAINT jobs_tenant_id_request_id_key DO NOTHING RETURNING id, created_at, deadline_at ), stage AS ( INSERT INTO stages (job_id, kind, index, state, output, attempts, frames_done, input, hinted_at) SELECT job.id, new.kind, 0, new.state, new.output, 0, 0, '{}', now() FROM job, jsonb_to_recordset('[{"kind": "FACE_ENCODE", "state": "READY"}, {"kind": "MOTION", "state": "BLOCKED"}, {"kind": "JOIN", "state": "BLOCKED"}]'::jsonb::JSONB) AS new (kind text, state text, output jsonb) ), event AS ( INSERT INTO events (job_id, what, data) SELECT id, 'job accepted', '{}' FROM job ), hint AS ( INSERT INTO outbox (queue) SELECT 'face-encode' FROM job ) SELECT created_at, deadline_at, pg_notify('vasari_outbox', 'hint') FROM job;
-- 1 rows
SELECT stages.id, stages.job_id, CAST(EXTRACT(epoch FROM clock_timestamp() - stages.run_after) AS FLOAT) AS waited FROM stages JOIN jobs ON jobs.id = stages.job_id WHERE stages.kind = 'FACE_ENCODE' AND stages.state = 'READY' AND stages.run_after <= clock_timestamp() AND (false OR jobs.engine_version = 'mesh-6+7'::VARCHAR OR jobs.engine_version IS NULL) ORDER BY jobs.created_at, stages.index LIMIT 1::INTEGER;
-- -1 rows
SAVEPOINT sa_savepoint_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000004'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 11::BIGINT;
-- -1 rows
RELEASE SAVEPOINT sa_savepoint_1;
-- 1 rows
select nextval('lease_token');
-- 1 rows
INSERT INTO attempts (token, stage_id, worker, ended_at, outcome, error) VALUES (10::BIGINT, 11::BIGINT, 'worker'::VARCHAR, NULL::TIMESTAMP WITH TIME ZONE, NULL, NULL::VARCHAR) RETURNING attempts.started_at;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000004'::uuid::UUID, 'stage started'::VARCHAR, '{"kind": "FACE_ENCODE", "index": 0, "attempt": 1}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
UPDATE jobs SET state='RUNNING', started_at=clock_timestamp() WHERE jobs.id = '00000000000000000000000000000004'::uuid::UUID;
-- 1 rows
UPDATE stages SET state='RUNNING', attempts=1::BIGINT, token=10::BIGINT, worker='worker'::VARCHAR, lease_expires_at=(clock_timestamp() + '0:01:00'::interval), started_at=clock_timestamp() WHERE stages.id = 11::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000004'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.sha256, assets.object_name FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR);
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000004'::uuid::UUID AND stages.kind IN ('FACE_ENCODE') ORDER BY stages.kind, stages.index;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000004'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.id = 11::BIGINT;
-- 1 rows
UPDATE attempts SET ended_at=clock_timestamp(), outcome='FAILED', error='NO_FACE: no face'::VARCHAR WHERE attempts.token = 10::BIGINT;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/appearances/encoder/other/10/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/appearances/encoder/other/10/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
UPDATE stages SET lease_expires_at=NULL::TIMESTAMP WITH TIME ZONE WHERE stages.id = 11::BIGINT;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000004'::uuid::UUID, 'stage failed'::VARCHAR, '{"kind": "FACE_ENCODE", "index": 0, "reason": "NO_FACE"}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000004'::VARCHAR) AS pg_notify_1;
-- 1 rows
UPDATE stages SET state='FAILED', ended_at=clock_timestamp() WHERE stages.id = 11::BIGINT;
-- 1 rows
UPDATE jobs SET state='FAILED', reason='NO_FACE'::VARCHAR, message='no face'::VARCHAR, ended_at=clock_timestamp() WHERE jobs.id = '00000000000000000000000000000004'::uuid::UUID;
-- 3 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000004'::uuid::UUID AND stages.kind IN ('FACE_ENCODE', 'MOTION', 'RENDER', 'JOIN') ORDER BY stages.kind, stages.index;
-- 1 rows
UPDATE stages SET state='CANCELLED', ended_at=clock_timestamp() WHERE stages.id = 12::BIGINT;
-- 1 rows
UPDATE stages SET state='CANCELLED', ended_at=clock_timestamp() WHERE stages.id = 13::BIGINT;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000004/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000004/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000004'::uuid::UUID, 'job failed'::VARCHAR, '{"reason": "NO_FACE", "message": "no face"}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000004'::VARCHAR) AS pg_notify_1;
-- 0 rows
INSERT INTO tenants (id) VALUES ('tenant'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM litter WHERE litter.prefix = 'tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR AND litter.not_before > clock_timestamp() + '0:30:00'::interval RETURNING litter.id;
-- 0 rows
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('tenant'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR, 10::BIGINT, 'tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM litter WHERE litter.prefix = 'tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR AND litter.not_before > clock_timestamp() + '0:30:00'::interval RETURNING litter.id;
-- 0 rows
INSERT INTO assets (tenant_id, sha256, size, object_name) VALUES ('tenant'::VARCHAR, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 10::BIGINT, 'tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR) ON CONFLICT DO NOTHING;
-- 1 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR;
-- 1 rows
SELECT (SELECT count(*) FROM (SELECT FROM jobs WHERE tenant_id = 'tenant' AND state IN ('QUEUED', 'RUNNING') LIMIT 1000) AS unfinished), (SELECT object_name FROM appearances WHERE tenant_id = 'tenant' AND key = 'encoder/face');
-- 1 rows
WITH job AS ( INSERT INTO jobs (id, tenant_id, request_id, request_digest, state, result_kind, portrait_sha256, speech_sha256, motion_sha256, mouth_sha256, pose_sha256, expression_sha256, controls, appearance_key, engine, engine_version, traceparent, created_at, deadline_at) VALUES ('00000000000000000000000000000005'::uuid, 'tenant', NULL, 'cfabe9bf7dc8eb0361bebe3b36ab33e37d3676be0254b9a77ea610d9552b231e', 'QUEUED', 'VIDEO', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', NULL, NULL, NULL, NULL, '{"seed": "1"}'::jsonb::JSONB, 'encoder/face', '{"video": {}}'::jsonb::JSONB, 'mesh-6+7', NULL, clock_timestamp(), clock_timestamp() + 0.0 * interval '1 second') ON CONFLICT ON CONSTRAINT jobs_tenant_id_request_id_key DO NOTHING RETURNING id, created_at, deadline_at ), stage AS ( INSERT INTO stages (job_id, kind, index, state, output, attempts, frames_done, input, hinted_at) SELECT job.id, new.kind, 0, new.state, new.output, 0, 0, '{}', now() FROM job, jsonb_to_recordset('[{"kind": "FACE_ENCODE", "state": "SKIPPED", "output": {"object": "tenant/appearances/encoder/face/1/face-encode"}}, {"kind": "MOTION", "state": "READY"}, {"kind": "JOIN", "state": "BLOCKED"}]'::jsonb::JSONB) AS new (kind text, state text, output jsonb) ), event AS ( INSERT INTO events (job_id, what, data) SELECT id, 'job accepted', '{}' FROM job ), hint AS ( INSERT INTO outbox (queue) SELECT 'motion' FROM job ) SELECT created_at, deadline_at, pg_notify('vasari_outbox', 'hint') FROM job;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.state IN ('QUEUED', 'RUNNING') AND jobs.deadline_at < clock_timestamp() LIMIT 1::INTEGER FOR UPDATE OF jobs SKIP LOCKED;
-- 1 rows
UPDATE jobs SET state='FAILED', reason='DEADLINE_EXCEEDED'::VARCHAR, message='the job was not done by its deadline; allow more time, or try again when the server is less busy'::VARCHAR, ended_at=clock_timestamp() WHERE jobs.id = '00000000000000000000000000000005'::uuid::UUID;
-- 3 rows
SELECT stages.id, stages.job_id, stages.kind, stages.index, stages.state, stages.attempts, stages.run_after, stages.hinted_at, stages.token, stages.worker, stages.lease_expires_at, stages.first_frame, stages.frames, stages.frames_done, stages.input, stages.output, stages.started_at, stages.ended_at FROM stages WHERE stages.job_id = '00000000000000000000000000000005'::uuid::UUID AND stages.kind IN ('FACE_ENCODE', 'MOTION', 'RENDER', 'JOIN') ORDER BY stages.kind, stages.index;
-- 1 rows
UPDATE stages SET state='CANCELLED', ended_at=clock_timestamp() WHERE stages.id = 15::BIGINT;
-- 1 rows
UPDATE stages SET state='CANCELLED', ended_at=clock_timestamp() WHERE stages.id = 16::BIGINT;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000005/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000005/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 1 rows
INSERT INTO events (job_id, what, data) VALUES ('00000000000000000000000000000005'::uuid::UUID, 'job failed'::VARCHAR, '{"reason": "DEADLINE_EXCEEDED", "message": "the job was not done by its deadline; allow more time, or try again when the server is less busy"}'::jsonb::JSONB) RETURNING events.id, events.at;
-- 1 rows
SELECT pg_notify('vasari_job'::VARCHAR, '00000000-0000-0000-0000-000000000005'::VARCHAR) AS pg_notify_1;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000004'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT jobs.ended_at FROM jobs WHERE jobs.id = '00000000000000000000000000000004'::uuid::UUID;
-- 1 rows
SELECT sum(EXTRACT(epoch FROM coalesce(attempts.ended_at, clock_timestamp()) - attempts.started_at)) AS sum_1 FROM attempts JOIN stages ON stages.id = attempts.stage_id WHERE stages.job_id = '00000000000000000000000000000004'::uuid::UUID;
-- 1 rows
INSERT INTO usage (job_id, tenant_id, state, reason, created_at, ended_at, frames, work_seconds) VALUES ('00000000000000000000000000000004'::uuid::UUID, 'tenant'::VARCHAR, 'FAILED', 'NO_FACE'::VARCHAR, '2026-11-27 05:41:09.553420+00:00'::timestamptz::TIMESTAMP WITH TIME ZONE, '2026-11-27 05:41:09.565974+00:00'::timestamptz::TIMESTAMP WITH TIME ZONE, NULL::BIGINT, 0.007108) RETURNING usage.deleted_at;
-- 1 rows
DELETE FROM jobs WHERE jobs.id = '00000000000000000000000000000004'::uuid::UUID;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000004/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000004/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR) ORDER BY assets.sha256 FOR UPDATE;
-- 1 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND (jobs.portrait_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.speech_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.motion_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.mouth_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.pose_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.expression_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR) LIMIT 1::INTEGER;
-- 1 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND (jobs.portrait_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.speech_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.motion_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.mouth_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.pose_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.expression_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR) LIMIT 1::INTEGER;
-- 0 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND jobs.appearance_key = 'encoder/other'::VARCHAR LIMIT 1::INTEGER;
-- 0 rows
DELETE FROM appearances WHERE appearances.tenant_id = 'tenant'::VARCHAR AND appearances.key = 'encoder/other'::VARCHAR RETURNING appearances.object_name;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000005'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT jobs.ended_at FROM jobs WHERE jobs.id = '00000000000000000000000000000005'::uuid::UUID;
-- 1 rows
SELECT sum(EXTRACT(epoch FROM coalesce(attempts.ended_at, clock_timestamp()) - attempts.started_at)) AS sum_1 FROM attempts JOIN stages ON stages.id = attempts.stage_id WHERE stages.job_id = '00000000000000000000000000000005'::uuid::UUID;
-- 1 rows
INSERT INTO usage (job_id, tenant_id, state, reason, created_at, ended_at, frames, work_seconds) VALUES ('00000000000000000000000000000005'::uuid::UUID, 'tenant'::VARCHAR, 'FAILED', 'DEADLINE_EXCEEDED'::VARCHAR, '2026-11-27 05:41:09.575880+00:00'::timestamptz::TIMESTAMP WITH TIME ZONE, '2026-11-27 05:41:09.579297+00:00'::timestamptz::TIMESTAMP WITH TIME ZONE, NULL::BIGINT, 0.0) RETURNING usage.deleted_at;
-- 1 rows
DELETE FROM jobs WHERE jobs.id = '00000000000000000000000000000005'::uuid::UUID;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000005/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000005/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR) ORDER BY assets.sha256 FOR UPDATE;
-- 1 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND (jobs.portrait_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.speech_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.motion_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.mouth_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.pose_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.expression_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR) LIMIT 1::INTEGER;
-- 1 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND (jobs.portrait_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.speech_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.motion_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.mouth_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.pose_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.expression_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR) LIMIT 1::INTEGER;
-- 1 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND jobs.appearance_key = 'encoder/face'::VARCHAR LIMIT 1::INTEGER;
-- 1 rows
SELECT litter.id, litter.prefix, litter.keep, litter.not_before FROM litter WHERE litter.not_before <= clock_timestamp() ORDER BY litter.not_before LIMIT 1::INTEGER FOR UPDATE SKIP LOCKED;
-- 1 rows
UPDATE litter SET not_before=(clock_timestamp() + '0:01:00'::interval) WHERE litter.id = 5::BIGINT;
-- 1 rows
DELETE FROM litter WHERE litter.id = 5::BIGINT;
-- 1 rows
SELECT litter.id, litter.prefix, litter.keep, litter.not_before FROM litter WHERE litter.not_before <= clock_timestamp() ORDER BY litter.not_before LIMIT 1::INTEGER FOR UPDATE SKIP LOCKED;
-- 1 rows
UPDATE litter SET not_before=(clock_timestamp() + '0:01:00'::interval) WHERE litter.id = 9::BIGINT;
-- 1 rows
DELETE FROM litter WHERE litter.id = 9::BIGINT;
-- 1 rows
SELECT litter.id, litter.prefix, litter.keep, litter.not_before FROM litter WHERE litter.not_before <= clock_timestamp() ORDER BY litter.not_before LIMIT 1::INTEGER FOR UPDATE SKIP LOCKED;
-- 1 rows
UPDATE litter SET not_before=(clock_timestamp() + '0:01:00'::interval) WHERE litter.id = 13::BIGINT;
-- 1 rows
DELETE FROM litter WHERE litter.id = 13::BIGINT;
-- 1 rows
SELECT litter.id, litter.prefix, litter.keep, litter.not_before FROM litter WHERE litter.not_before <= clock_timestamp() ORDER BY litter.not_before LIMIT 1::INTEGER FOR UPDATE SKIP LOCKED;
-- 1 rows
UPDATE litter SET not_before=(clock_timestamp() + '0:01:00'::interval) WHERE litter.id = 15::BIGINT;
-- 1 rows
DELETE FROM litter WHERE litter.id = 15::BIGINT;
-- 1 rows
SELECT litter.id, litter.prefix, litter.keep, litter.not_before FROM litter WHERE litter.not_before <= clock_timestamp() ORDER BY litter.not_before LIMIT 1::INTEGER FOR UPDATE SKIP LOCKED;
-- 1 rows
UPDATE litter SET not_before=(clock_timestamp() + '0:01:00'::interval) WHERE litter.id = 19::BIGINT;
-- 1 rows
DELETE FROM litter WHERE litter.id = 19::BIGINT;
-- 1 rows
SELECT litter.id, litter.prefix, litter.keep, litter.not_before FROM litter WHERE litter.not_before <= clock_timestamp() ORDER BY litter.not_before LIMIT 1::INTEGER FOR UPDATE SKIP LOCKED;
-- 1 rows
UPDATE litter SET not_before=(clock_timestamp() + '0:01:00'::interval) WHERE litter.id = 21::BIGINT;
-- 1 rows
DELETE FROM litter WHERE litter.id = 21::BIGINT;
-- 1 rows
SELECT litter.id, litter.prefix, litter.keep, litter.not_before FROM litter WHERE litter.not_before <= clock_timestamp() ORDER BY litter.not_before LIMIT 1::INTEGER FOR UPDATE SKIP LOCKED;
-- 1 rows
UPDATE litter SET not_before=(clock_timestamp() + '0:01:00'::interval) WHERE litter.id = 23::BIGINT;
-- 1 rows
DELETE FROM litter WHERE litter.id = 23::BIGINT;
-- 0 rows
SELECT litter.id, litter.prefix, litter.keep, litter.not_before FROM litter WHERE litter.not_before <= clock_timestamp() ORDER BY litter.not_before LIMIT 1::INTEGER FOR UPDATE SKIP LOCKED;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs JOIN tenants ON tenants.id = jobs.tenant_id WHERE jobs.ended_at < clock_timestamp() - coalesce(tenants.retention_seconds, 0.0) * interval '1 second' ORDER BY jobs.ended_at LIMIT 1::INTEGER FOR UPDATE OF jobs SKIP LOCKED;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT jobs.ended_at FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID;
-- 1 rows
SELECT sum(EXTRACT(epoch FROM coalesce(attempts.ended_at, clock_timestamp()) - attempts.started_at)) AS sum_1 FROM attempts JOIN stages ON stages.id = attempts.stage_id WHERE stages.job_id = '00000000000000000000000000000001'::uuid::UUID;
-- 1 rows
INSERT INTO usage (job_id, tenant_id, state, reason, created_at, ended_at, frames, work_seconds) VALUES ('00000000000000000000000000000001'::uuid::UUID, 'tenant'::VARCHAR, 'SUCCEEDED', NULL::VARCHAR, '2026-11-27 05:41:09.374591+00:00'::timestamptz::TIMESTAMP WITH TIME ZONE, '2026-11-27 05:41:09.467097+00:00'::timestamptz::TIMESTAMP WITH TIME ZONE, 100::BIGINT, 0.226469) RETURNING usage.deleted_at;
-- 1 rows
DELETE FROM jobs WHERE jobs.id = '00000000000000000000000000000001'::uuid::UUID;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000001/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000001/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR) ORDER BY assets.sha256 FOR UPDATE;
-- 1 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND (jobs.portrait_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.speech_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.motion_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.mouth_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.pose_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.expression_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR) LIMIT 1::INTEGER;
-- 1 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND (jobs.portrait_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.speech_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.motion_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.mouth_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.pose_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.expression_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR) LIMIT 1::INTEGER;
-- 1 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND jobs.appearance_key = 'encoder/face'::VARCHAR LIMIT 1::INTEGER;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs JOIN tenants ON tenants.id = jobs.tenant_id WHERE jobs.ended_at < clock_timestamp() - coalesce(tenants.retention_seconds, 0.0) * interval '1 second' ORDER BY jobs.ended_at LIMIT 1::INTEGER FOR UPDATE OF jobs SKIP LOCKED;
-- 1 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID FOR UPDATE;
-- 1 rows
SELECT jobs.ended_at FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID;
-- 1 rows
SELECT sum(EXTRACT(epoch FROM coalesce(attempts.ended_at, clock_timestamp()) - attempts.started_at)) AS sum_1 FROM attempts JOIN stages ON stages.id = attempts.stage_id WHERE stages.job_id = '00000000000000000000000000000003'::uuid::UUID;
-- 1 rows
INSERT INTO usage (job_id, tenant_id, state, reason, created_at, ended_at, frames, work_seconds) VALUES ('00000000000000000000000000000003'::uuid::UUID, 'tenant'::VARCHAR, 'CANCELLED', NULL::VARCHAR, '2026-11-27 05:41:09.483105+00:00'::timestamptz::TIMESTAMP WITH TIME ZONE, '2026-11-27 05:41:09.541345+00:00'::timestamptz::TIMESTAMP WITH TIME ZONE, NULL::BIGINT, 0.03989) RETURNING usage.deleted_at;
-- 1 rows
DELETE FROM jobs WHERE jobs.id = '00000000000000000000000000000003'::uuid::UUID;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000003/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/jobs/00000000-0000-0000-0000-000000000003/'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 2 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 IN ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR) ORDER BY assets.sha256 FOR UPDATE;
-- 0 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND (jobs.portrait_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.speech_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.motion_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.mouth_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.pose_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR OR jobs.expression_sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR) LIMIT 1::INTEGER;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'::VARCHAR;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 0 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND (jobs.portrait_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.speech_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.motion_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.mouth_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.pose_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR OR jobs.expression_sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR) LIMIT 1::INTEGER;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/assets/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/1'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
DELETE FROM assets WHERE assets.tenant_id = 'tenant'::VARCHAR AND assets.sha256 = 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'::VARCHAR;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 0 rows
SELECT jobs.id FROM jobs WHERE jobs.tenant_id = 'tenant'::VARCHAR AND jobs.appearance_key = 'encoder/face'::VARCHAR LIMIT 1::INTEGER;
-- 1 rows
DELETE FROM appearances WHERE appearances.tenant_id = 'tenant'::VARCHAR AND appearances.key = 'encoder/face'::VARCHAR RETURNING appearances.object_name;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/appearances/encoder/face/1/face-encode'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '0:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
INSERT INTO litter (prefix, keep, not_before) VALUES ('tenant/appearances/encoder/face/1/face-encode'::VARCHAR, NULL::VARCHAR, (clock_timestamp() + '1:00:00'::interval)) RETURNING litter.id, litter.not_before;
-- 1 rows
SELECT pg_notify('vasari_outbox'::VARCHAR, 'litter'::VARCHAR) AS pg_notify_1;
-- 0 rows
SELECT jobs.id, jobs.tenant_id, jobs.request_id, jobs.request_digest, jobs.state, jobs.reason, jobs.message, jobs.result_kind, jobs.portrait_sha256, jobs.speech_sha256, jobs.motion_sha256, jobs.mouth_sha256, jobs.pose_sha256, jobs.expression_sha256, jobs.controls, jobs.appearance_key, jobs.engine, jobs.engine_version, jobs.traceparent, jobs.frames_total, jobs.result, jobs.created_at, jobs.started_at, jobs.ended_at, jobs.deadline_at FROM jobs JOIN tenants ON tenants.id = jobs.tenant_id WHERE jobs.ended_at < clock_timestamp() - coalesce(tenants.retention_seconds, 0.0) * interval '1 second' ORDER BY jobs.ended_at LIMIT 1::INTEGER FOR UPDATE OF jobs SKIP LOCKED;
-- 0 rows
SELECT assets.tenant_id, assets.sha256, assets.size, assets.object_name, assets.portrait_pixels, assets.created_at FROM assets JOIN tenants ON tenants.id = assets.tenant_id WHERE assets.created_at < clock_timestamp() - coalesce(tenants.retention_seconds, 0.0) * interval '1 second' AND NOT (EXISTS (SELECT jobs.id FROM jobs WHERE jobs.tenant_id = assets.tenant_id AND (jobs.portrait_sha256 = assets.sha256 OR jobs.speech_sha256 = assets.sha256 OR jobs.motion_sha256 = assets.sha256 OR jobs.mouth_sha256 = assets.sha256 OR jobs.pose_sha256 = assets.sha256 OR jobs.expression_sha256 = assets.sha256))) LIMIT 1::INTEGER FOR UPDATE OF assets SKIP LOCKED;
