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
CREATE INDEX `memory_chunks_newest` ON `memory_chunks` (`tenant_id`,`agent_id`,`user_id`,`created_at`,`note_id`) WHERE ordinal = 0;