-- The table of usage is made anew, with another key: no version before this one wrote into it.
CREATE TABLE `invitations` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`token_hash` text NOT NULL,
	`role` text NOT NULL,
	`note` text DEFAULT '' NOT NULL,
	`created_by` text NOT NULL,
	`accepted_by` text,
	`accepted_at` integer,
	`revoked_at` integer,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_token` ON `invitations` (`token_hash`);--> statement-breakpoint
CREATE INDEX `invitations_created` ON `invitations` (`tenant_id`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `login_sessions` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`token_hash` text NOT NULL,
	`issuer_id` text NOT NULL,
	`user_id` text NOT NULL,
	`role` text NOT NULL,
	`address` text DEFAULT '' NOT NULL,
	`user_agent` text DEFAULT '' NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `login_sessions_token` ON `login_sessions` (`token_hash`);--> statement-breakpoint
CREATE INDEX `login_sessions_user` ON `login_sessions` (`tenant_id`,`user_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `login_sessions_expiry` ON `login_sessions` (`tenant_id`,`expires_at`);--> statement-breakpoint
CREATE TABLE `audit_checkpoints` (
	`tenant_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`mac` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `sequence`)
);
--> statement-breakpoint
CREATE TABLE `audit_suppressions` (
	`tenant_id` text NOT NULL,
	`check_id` text NOT NULL,
	`reason` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	PRIMARY KEY(`tenant_id`, `check_id`)
);
--> statement-breakpoint
CREATE TABLE `emergency_stops` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`kind` text NOT NULL,
	`tools` text DEFAULT '[]' NOT NULL,
	`reason` text DEFAULT '' NOT NULL,
	`is_platform` integer DEFAULT false NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `key_rotations` (
	`id` text PRIMARY KEY NOT NULL,
	`cursor` text NOT NULL,
	`rewritten` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`started_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`finished_at` integer
);
--> statement-breakpoint
DROP TABLE `usage`;--> statement-breakpoint
CREATE TABLE `usage` (
	`tenant_id` text NOT NULL,
	`day` text NOT NULL,
	`user_id` text NOT NULL,
	`agent_key` text NOT NULL,
	`provider` text NOT NULL,
	`model` text NOT NULL,
	`key_id` text DEFAULT '' NOT NULL,
	`requests` integer DEFAULT 0 NOT NULL,
	`input_tokens` integer DEFAULT 0 NOT NULL,
	`output_tokens` integer DEFAULT 0 NOT NULL,
	`cache_creation_tokens` integer DEFAULT 0 NOT NULL,
	`cache_read_tokens` integer DEFAULT 0 NOT NULL,
	`cost_micro_usd` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`tenant_id`, `day`, `user_id`, `agent_key`, `provider`, `model`, `key_id`)
);
--> statement-breakpoint
CREATE INDEX `usage_user` ON `usage` (`tenant_id`,`user_id`,`day`);--> statement-breakpoint
CREATE INDEX `usage_key` ON `usage` (`tenant_id`,`key_id`,`day`);--> statement-breakpoint
CREATE INDEX `usage_agent` ON `usage` (`tenant_id`,`agent_key`,`day`);--> statement-breakpoint
ALTER TABLE `api_keys` ADD `allowed_networks` text;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `allowed_agents` text;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `rotated_to` text;--> statement-breakpoint
ALTER TABLE `jwt_issuers` ADD `name` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `jwt_issuers` ADD `kind` text DEFAULT 'oidc' NOT NULL;--> statement-breakpoint
ALTER TABLE `jwt_issuers` ADD `role_mapping` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `jwt_issuers` ADD `client_id` text;--> statement-breakpoint
ALTER TABLE `jwt_issuers` ADD `sealed_client_secret` text;--> statement-breakpoint
ALTER TABLE `jwt_issuers` ADD `allow_private_network` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `memberships` ADD `status` text DEFAULT 'active' NOT NULL;