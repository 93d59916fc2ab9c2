CREATE TABLE `search_providers` (
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
CREATE UNIQUE INDEX `search_providers_name` ON `search_providers` (`tenant_id`,`name`);--> statement-breakpoint
ALTER TABLE `approvals` ADD `agent_id` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `approvals` ADD `standing` text;--> statement-breakpoint
ALTER TABLE `approvals` ADD `reason` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `approvals` ADD `session_owner` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `approvals_call` ON `approvals` (`tenant_id`,`run_id`,`call_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `standing_approvals_created` ON `standing_approvals` (`tenant_id`,`created_at`);