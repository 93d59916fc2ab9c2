CREATE TABLE `run_hooks` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`name` text NOT NULL,
	`url` text NOT NULL,
	`sealed_secret` text,
	`events` text NOT NULL,
	`agents` text NOT NULL,
	`failure` text DEFAULT 'default' NOT NULL,
	`allow_private_network` integer DEFAULT false NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `run_hooks_name` ON `run_hooks` (`tenant_id`,`name`);--> statement-breakpoint
CREATE TABLE `skill_files` (
	`tenant_id` text NOT NULL,
	`skill_id` text NOT NULL,
	`number` integer NOT NULL,
	`path` text NOT NULL,
	`content` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `skill_id`, `number`, `path`)
);
--> statement-breakpoint
CREATE TABLE `skill_grants` (
	`tenant_id` text NOT NULL,
	`skill_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`user_id` text NOT NULL,
	`granted_by` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `skill_id`, `agent_id`, `user_id`)
);
--> statement-breakpoint
CREATE INDEX `skill_grants_agent` ON `skill_grants` (`tenant_id`,`agent_id`);--> statement-breakpoint
CREATE TABLE `skill_versions` (
	`tenant_id` text NOT NULL,
	`skill_id` text NOT NULL,
	`number` integer NOT NULL,
	`description` text NOT NULL,
	`content_hash` text NOT NULL,
	`size` integer NOT NULL,
	`file_count` integer NOT NULL,
	`findings` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`content` text NOT NULL,
	PRIMARY KEY(`tenant_id`, `skill_id`, `number`)
);
--> statement-breakpoint
CREATE TABLE `trace_exporters` (
	`id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`endpoint` text NOT NULL,
	`sealed_headers` text,
	`allow_private_network` integer DEFAULT false NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`last_error` text,
	`last_sent_at` integer,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `id`)
);
--> statement-breakpoint
CREATE TABLE `traces` (
	`tenant_id` text NOT NULL,
	`run_id` text NOT NULL,
	`trace_id` text NOT NULL,
	`user_id` text NOT NULL,
	`agent_key` text NOT NULL,
	`session_key` text NOT NULL,
	`status` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`span_count` integer NOT NULL,
	`dropped` integer DEFAULT 0 NOT NULL,
	`spans` text NOT NULL,
	`export_due` integer,
	PRIMARY KEY(`tenant_id`, `run_id`)
);
--> statement-breakpoint
CREATE INDEX `traces_started` ON `traces` (`tenant_id`,`started_at`,`run_id`);--> statement-breakpoint
CREATE INDEX `traces_user` ON `traces` (`tenant_id`,`user_id`,`started_at`,`run_id`);--> statement-breakpoint
CREATE INDEX `traces_trace` ON `traces` (`tenant_id`,`trace_id`,`started_at`);--> statement-breakpoint
CREATE INDEX `traces_export` ON `traces` (`tenant_id`,`export_due`,`started_at`);--> statement-breakpoint
CREATE INDEX `traces_expiry` ON `traces` (`tenant_id`,`expires_at`);--> statement-breakpoint
DROP INDEX `skills_slug`;--> statement-breakpoint
CREATE UNIQUE INDEX `skills_name` ON `skills` (`tenant_id`,`name`);--> statement-breakpoint
ALTER TABLE `skills` DROP COLUMN `slug`;--> statement-breakpoint
ALTER TABLE `skills` DROP COLUMN `content`;--> statement-breakpoint
ALTER TABLE `skills` DROP COLUMN `allowed_agents`;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `kind` text DEFAULT 'script' NOT NULL;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `tool_group` text DEFAULT 'runtime' NOT NULL;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `origin` text;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `request` text;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `sealed_headers` text;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `allow_private_network` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `revision` integer DEFAULT 1 NOT NULL;