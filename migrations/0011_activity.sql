CREATE TABLE `activity` (
	`tenant_id` text NOT NULL,
	`measure` text NOT NULL,
	`user_id` text NOT NULL,
	`at` integer NOT NULL,
	`name` text NOT NULL,
	`count` integer NOT NULL,
	`failed` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`cost_micro_usd` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `measure`, `user_id`, `at`, `name`)
);
--> statement-breakpoint
CREATE INDEX `activity_at` ON `activity` (`tenant_id`,`at`);