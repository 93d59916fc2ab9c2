CREATE TABLE `cron_runs` (
	`tenant_id` text NOT NULL,
	`job_id` text NOT NULL,
	`scheduled_at` integer NOT NULL,
	`trigger` text NOT NULL,
	`state` text NOT NULL,
	`attempt` integer DEFAULT 1 NOT NULL,
	`due_at` integer,
	`waiting_since` integer NOT NULL,
	`message` text,
	`run_id` text,
	`error` text,
	`created_at` integer NOT NULL,
	`ended_at` integer,
	PRIMARY KEY(`tenant_id`, `job_id`, `scheduled_at`)
);
--> statement-breakpoint
CREATE INDEX `cron_runs_due` ON `cron_runs` (`tenant_id`,`due_at`);--> statement-breakpoint
CREATE TABLE `agent_files` (
	`tenant_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`name` text NOT NULL,
	`content` text NOT NULL,
	`updated_by` text NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `agent_id`, `name`)
);
--> statement-breakpoint
CREATE TABLE `memory_chunks` (
	`tenant_id` text NOT NULL,
	`agent_id` text NOT NULL,
	`user_id` text NOT NULL,
	`note_id` text NOT NULL,
	`ordinal` integer NOT NULL,
	`title` text NOT NULL,
	`text` text NOT NULL,
	`terms` text NOT NULL,
	`scope` text NOT NULL,
	`content_hash` text NOT NULL,
	`is_untrusted` integer NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `agent_id`, `user_id`, `note_id`, `ordinal`)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `memory_chunks_content` ON `memory_chunks` (`tenant_id`,`agent_id`,`user_id`,`content_hash`,`ordinal`);--> statement-breakpoint
CREATE INDEX `memory_chunks_newest` ON `memory_chunks` (`tenant_id`,`agent_id`,`user_id`,`created_at`,`note_id`) WHERE ordinal = 0;--> statement-breakpoint
DROP INDEX `cron_jobs_owner`;--> statement-breakpoint
ALTER TABLE `cron_jobs` ADD `anchor_at` integer;--> statement-breakpoint
ALTER TABLE `cron_jobs` ADD `is_heartbeat` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `cron_jobs` ADD `principal` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `cron_jobs` ADD `credential_id` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `cron_jobs_created` ON `cron_jobs` (`tenant_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `cron_jobs_credential` ON `cron_jobs` (`tenant_id`,`credential_id`);--> statement-breakpoint
CREATE INDEX `cron_jobs_owner` ON `cron_jobs` (`tenant_id`,`owner_id`,`created_at`,`id`);--> statement-breakpoint
ALTER TABLE `mcp_servers` ADD `sealed_authorization` text;--> statement-breakpoint
ALTER TABLE `mcp_servers` ADD `tools` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `mcp_servers` ADD `protocol_version` text;--> statement-breakpoint
ALTER TABLE `mcp_servers` ADD `checked_at` integer;--> statement-breakpoint
ALTER TABLE `mcp_servers` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `mcp_servers` DROP COLUMN `tool_prefix`;--> statement-breakpoint
ALTER TABLE `mcp_servers` DROP COLUMN `pinned_tools`;