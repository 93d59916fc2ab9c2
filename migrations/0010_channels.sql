ALTER TABLE `channel_instances` ADD `bot` text;--> statement-breakpoint
ALTER TABLE `channel_instances` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `channel_instances_id` ON `channel_instances` (`id`);