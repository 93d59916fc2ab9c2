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
CREATE INDEX `activity_at` ON `activity` (`tenant_id`,`at`);--> statement-breakpoint
CREATE INDEX `audit_records_kind` ON `audit_records` (`tenant_id`,case when json_valid(record) then record ->> '$.kind' end,`sequence`);--> statement-breakpoint
CREATE INDEX `security_events_severity` ON `security_events` (`tenant_id`,`severity`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `session_index_channel` ON `session_index` (`tenant_id`,`channel`,`updated_at`,`session_key`);--> statement-breakpoint
CREATE INDEX `traces_agent` ON `traces` (`tenant_id`,`agent_key`,`started_at`,`run_id`);--> statement-breakpoint
CREATE INDEX `traces_session` ON `traces` (`tenant_id`,`session_key`,`started_at`,`run_id`);--> statement-breakpoint
CREATE INDEX `traces_status` ON `traces` (`tenant_id`,`status`,`started_at`,`run_id`);