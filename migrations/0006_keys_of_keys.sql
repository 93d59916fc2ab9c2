CREATE TABLE `former_members` (
	`tenant_id` text NOT NULL,
	`user_id` text NOT NULL,
	`removed_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `user_id`)
);
--> statement-breakpoint
ALTER TABLE `api_keys` ADD `created_by_key` text;--> statement-breakpoint
CREATE INDEX `api_keys_made_by` ON `api_keys` (`tenant_id`,`created_by_key`);--> statement-breakpoint
ALTER TABLE `jwt_issuers` ADD `proves_owners` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `jwt_issuers` ADD `sign_in_origin` text;