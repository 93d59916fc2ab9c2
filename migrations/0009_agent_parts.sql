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
CREATE INDEX `traces_expiry` ON `traces` (`tenant_id`,`expires_at`);