CREATE TABLE `agents` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`key` text NOT NULL,
	`display_name` text NOT NULL,
	`provider` text NOT NULL,
	`model` text NOT NULL,
	`agent_type` text DEFAULT 'open' NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`is_default` integer DEFAULT false NOT NULL,
	`system_prompt` text DEFAULT '' NOT NULL,
	`settings` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `agents_key` ON `agents` (`tenant_id`,`key`);--> statement-breakpoint
CREATE UNIQUE INDEX `agents_one_default` ON `agents` (`tenant_id`) WHERE is_default = 1;--> statement-breakpoint
CREATE TABLE `approvals` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`agent_key` text NOT NULL,
	`session_key` text NOT NULL,
	`run_id` text NOT NULL,
	`call_id` text NOT NULL,
	`tool` text NOT NULL,
	`arguments` text NOT NULL,
	`cwd` text NOT NULL,
	`env_names` text NOT NULL,
	`access` text NOT NULL,
	`network` text NOT NULL,
	`policy_version` text NOT NULL,
	`manifest_root` text NOT NULL,
	`binding_hash` text NOT NULL,
	`status` text NOT NULL,
	`requested_by` text NOT NULL,
	`decided_by` text,
	`decided_at` integer,
	`consumed_at` integer,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `approvals_status` ON `approvals` (`tenant_id`,`status`,`created_at`);--> statement-breakpoint
CREATE INDEX `approvals_session` ON `approvals` (`tenant_id`,`session_key`,`status`);--> statement-breakpoint
CREATE TABLE `standing_approvals` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`agent_key` text NOT NULL,
	`tool` text NOT NULL,
	`argv` text NOT NULL,
	`cwd` text NOT NULL,
	`match_hash` text NOT NULL,
	`is_revoked` integer DEFAULT false NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `standing_approvals_match` ON `standing_approvals` (`tenant_id`,`match_hash`);--> statement-breakpoint
CREATE TABLE `channel_instances` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`display_name` text DEFAULT '' NOT NULL,
	`channel_type` text NOT NULL,
	`agent_id` text NOT NULL,
	`sealed_credentials` text,
	`config` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `channel_instances_name` ON `channel_instances` (`tenant_id`,`name`);--> statement-breakpoint
CREATE INDEX `channel_instances_agent` ON `channel_instances` (`tenant_id`,`agent_id`);--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`hash` text NOT NULL,
	`prefix` text NOT NULL,
	`name` text NOT NULL,
	`scopes` text NOT NULL,
	`owner_id` text NOT NULL,
	`created_by` text NOT NULL,
	`expires_at` integer,
	`revoked_at` integer,
	`last_used_at` integer,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE INDEX `api_keys_created` ON `api_keys` (`tenant_id`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `jwt_issuers` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`issuer` text NOT NULL,
	`audience` text NOT NULL,
	`jwks_url` text NOT NULL,
	`algorithms` text NOT NULL,
	`provision_role` text,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `jwt_issuers_issuer_audience` ON `jwt_issuers` (`issuer`,`audience`);--> statement-breakpoint
CREATE TABLE `cron_jobs` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`agent_id` text NOT NULL,
	`owner_id` text NOT NULL,
	`schedule_kind` text NOT NULL,
	`schedule` text NOT NULL,
	`timezone` text DEFAULT 'UTC' NOT NULL,
	`message` text NOT NULL,
	`delivery` text,
	`delete_after_run` integer DEFAULT false NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`next_run_at` integer,
	`last_run_at` integer,
	`last_status` text,
	`last_error` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `cron_jobs_next` ON `cron_jobs` (`tenant_id`,`next_run_at`);--> statement-breakpoint
CREATE INDEX `cron_jobs_owner` ON `cron_jobs` (`tenant_id`,`owner_id`);--> statement-breakpoint
CREATE TABLE `custom_tools` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`description` text NOT NULL,
	`allowed_agents` text NOT NULL,
	`parameters` text NOT NULL,
	`command` text NOT NULL,
	`cwd` text DEFAULT '' NOT NULL,
	`timeout_seconds` integer DEFAULT 60 NOT NULL,
	`sealed_env` text,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `custom_tools_name` ON `custom_tools` (`tenant_id`,`name`);--> statement-breakpoint
CREATE TABLE `hooks` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`instance_id` text NOT NULL,
	`name` text NOT NULL,
	`agent_id` text NOT NULL,
	`token_hash` text,
	`sealed_hmac_secret` text,
	`session_key_prefixes` text NOT NULL,
	`callback_url` text,
	`sealed_callback_secret` text,
	`rate_per_minute` integer DEFAULT 60 NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`last_used_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `hooks_name` ON `hooks` (`tenant_id`,`instance_id`,`name`);--> statement-breakpoint
CREATE TABLE `llm_providers` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`api_base` text,
	`sealed_api_key` text,
	`allow_private_network` integer DEFAULT false NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `llm_providers_name` ON `llm_providers` (`tenant_id`,`name`);--> statement-breakpoint
CREATE TABLE `mcp_servers` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`display_name` text DEFAULT '' NOT NULL,
	`transport` text NOT NULL,
	`url` text NOT NULL,
	`sealed_headers` text,
	`tool_prefix` text DEFAULT '' NOT NULL,
	`timeout_seconds` integer DEFAULT 30 NOT NULL,
	`pinned_tools` text NOT NULL,
	`allowed_agents` text NOT NULL,
	`allow_private_network` integer DEFAULT false NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `mcp_servers_name` ON `mcp_servers` (`tenant_id`,`name`);--> statement-breakpoint
CREATE TABLE `pairings` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`kind` text NOT NULL,
	`channel` text NOT NULL,
	`instance_id` text DEFAULT '' NOT NULL,
	`sender_id` text NOT NULL,
	`code` text,
	`secret_hash` text,
	`token_hash` text,
	`token_expires_at` integer,
	`token_delivered_at` integer,
	`status` text NOT NULL,
	`address` text DEFAULT '' NOT NULL,
	`user_agent` text DEFAULT '' NOT NULL,
	`user_id` text,
	`decided_by` text,
	`decided_at` integer,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `pairings_sender` ON `pairings` (`tenant_id`,`channel`,`instance_id`,`sender_id`);--> statement-breakpoint
CREATE INDEX `pairings_status` ON `pairings` (`tenant_id`,`status`,`created_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `pairings_code` ON `pairings` (`tenant_id`,`channel`,`instance_id`,`code`);--> statement-breakpoint
CREATE UNIQUE INDEX `pairings_token` ON `pairings` (`token_hash`);--> statement-breakpoint
CREATE TABLE `secure_cli_binaries` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`absolute_path` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`deny_args` text NOT NULL,
	`deny_verbose` text NOT NULL,
	`hosts` text NOT NULL,
	`sealed_env` text,
	`timeout_seconds` integer DEFAULT 60 NOT NULL,
	`is_global` integer DEFAULT false NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `secure_cli_binaries_name` ON `secure_cli_binaries` (`tenant_id`,`name`);--> statement-breakpoint
CREATE TABLE `secure_cli_grants` (
	`tenant_id` text NOT NULL,
	`binary_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`deny_args` text NOT NULL,
	`granted_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `binary_id`, `agent_id`)
);
--> statement-breakpoint
CREATE INDEX `secure_cli_grants_agent` ON `secure_cli_grants` (`tenant_id`,`agent_id`);--> statement-breakpoint
CREATE TABLE `audit_records` (
	`tenant_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`record` text NOT NULL,
	`previous_mac` text NOT NULL,
	`mac` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `sequence`)
);
--> statement-breakpoint
CREATE TABLE `security_events` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`severity` text NOT NULL,
	`fields` text NOT NULL,
	`context` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE INDEX `security_events_created` ON `security_events` (`tenant_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `security_events_name` ON `security_events` (`tenant_id`,`name`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `session_index` (
	`tenant_id` text NOT NULL,
	`session_key` text NOT NULL,
	`agent_key` text NOT NULL,
	`channel` text NOT NULL,
	`user_id` text NOT NULL,
	`label` text,
	`model` text,
	`provider` text,
	`message_count` integer DEFAULT 0 NOT NULL,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `session_key`)
);
--> statement-breakpoint
CREATE INDEX `session_index_updated` ON `session_index` (`tenant_id`,`updated_at`,`session_key`);--> statement-breakpoint
CREATE INDEX `session_index_user` ON `session_index` (`tenant_id`,`user_id`,`updated_at`,`session_key`);--> statement-breakpoint
CREATE INDEX `session_index_agent` ON `session_index` (`tenant_id`,`agent_key`,`updated_at`,`session_key`);--> statement-breakpoint
CREATE TABLE `skills` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`description` text NOT NULL,
	`content` text NOT NULL,
	`content_hash` text NOT NULL,
	`allowed_agents` text NOT NULL,
	`owner_id` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `skills_slug` ON `skills` (`tenant_id`,`slug`);--> statement-breakpoint
CREATE TABLE `config_permissions` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`agent_id` text DEFAULT '*' NOT NULL,
	`scope` text NOT NULL,
	`config_type` text NOT NULL,
	`user_id` text NOT NULL,
	`permission` text NOT NULL,
	`granted_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `config_permissions_subject` ON `config_permissions` (`tenant_id`,`agent_id`,`scope`,`config_type`,`user_id`);--> statement-breakpoint
CREATE INDEX `config_permissions_user` ON `config_permissions` (`tenant_id`,`user_id`);--> statement-breakpoint
CREATE TABLE `config_versions` (
	`tenant_id` text NOT NULL,
	`number` integer NOT NULL,
	`document` text NOT NULL,
	`hash` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `number`)
);
--> statement-breakpoint
CREATE TABLE `tenant_config` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`document` text NOT NULL,
	`hash` text NOT NULL,
	`updated_by` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `memberships` (
	`tenant_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `user_id`)
);
--> statement-breakpoint
CREATE INDEX `memberships_user` ON `memberships` (`user_id`,`tenant_id`);--> statement-breakpoint
CREATE INDEX `memberships_role` ON `memberships` (`tenant_id`,`role`);--> statement-breakpoint
CREATE TABLE `tenants` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`status` text DEFAULT 'active' NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`auth_version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tenants_slug_unique` ON `tenants` (`slug`);--> statement-breakpoint
CREATE TABLE `usage` (
	`tenant_id` text NOT NULL,
	`day` text NOT NULL,
	`user_id` text NOT NULL,
	`agent_key` text NOT NULL,
	`provider` text NOT NULL,
	`model` text NOT NULL,
	`requests` integer DEFAULT 0 NOT NULL,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`cache_creation_tokens` integer DEFAULT 0 NOT NULL,
	`cache_read_tokens` integer DEFAULT 0 NOT NULL,
	`cost_micro_usd` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`tenant_id`, `day`, `user_id`, `agent_key`, `provider`, `model`)
);
--> statement-breakpoint
CREATE INDEX `usage_user` ON `usage` (`tenant_id`,`user_id`,`day`);--> statement-breakpoint
CREATE INDEX `usage_agent` ON `usage` (`tenant_id`,`agent_key`,`day`);