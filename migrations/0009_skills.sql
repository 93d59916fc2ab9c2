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
DROP INDEX `skills_slug`;--> statement-breakpoint
CREATE UNIQUE INDEX `skills_name` ON `skills` (`tenant_id`,`name`);--> statement-breakpoint
ALTER TABLE `skills` DROP COLUMN `slug`;--> statement-breakpoint
ALTER TABLE `skills` DROP COLUMN `content`;--> statement-breakpoint
ALTER TABLE `skills` DROP COLUMN `allowed_agents`;