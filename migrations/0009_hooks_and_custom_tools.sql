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
ALTER TABLE `custom_tools` ADD `kind` text DEFAULT 'script' NOT NULL;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `tool_group` text DEFAULT 'runtime' NOT NULL;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `origin` text;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `request` text;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `sealed_headers` text;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `allow_private_network` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `custom_tools` ADD `revision` integer DEFAULT 1 NOT NULL;