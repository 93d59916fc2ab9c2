-- The first tenant, so that a fresh gateway can be talked to: one agent on the built-in demo model.
INSERT INTO `tenants` (`id`, `slug`, `name`, `created_at`, `updated_at`)
VALUES ('ten_default', 'default', 'Default', unixepoch() * 1000, unixepoch() * 1000);
--> statement-breakpoint
-- The hash is the SHA-256 of the document's canonical JSON.
INSERT INTO `tenant_config` (`tenant_id`, `document`, `hash`, `updated_by`, `updated_at`)
VALUES ('ten_default', '{}', '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', 'system', unixepoch() * 1000);
--> statement-breakpoint
INSERT INTO `llm_providers` (`id`, `tenant_id`, `name`, `type`, `enabled`, `created_at`, `updated_at`)
VALUES ('prv_demo', 'ten_default', 'demo', 'demo', 1, unixepoch() * 1000, unixepoch() * 1000);
--> statement-breakpoint
INSERT INTO `agents` (`id`, `tenant_id`, `key`, `display_name`, `provider`, `model`, `is_default`, `settings`, `created_at`, `updated_at`)
VALUES ('agt_default', 'ten_default', 'default', 'Assistant', 'demo', 'demo', 1, '{}', unixepoch() * 1000, unixepoch() * 1000);
