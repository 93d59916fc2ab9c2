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
DROP INDEX `cron_jobs_owner`;--> statement-breakpoint
ALTER TABLE `cron_jobs` ADD `anchor_at` integer;--> statement-breakpoint
ALTER TABLE `cron_jobs` ADD `is_heartbeat` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `cron_jobs` ADD `principal` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `cron_jobs` ADD `credential_id` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `cron_jobs_created` ON `cron_jobs` (`tenant_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `cron_jobs_credential` ON `cron_jobs` (`tenant_id`,`credential_id`);--> statement-breakpoint
CREATE INDEX `cron_jobs_owner` ON `cron_jobs` (`tenant_id`,`owner_id`,`created_at`,`id`);