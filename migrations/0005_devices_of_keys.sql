ALTER TABLE `pairings` ADD `decided_by_key` text;--> statement-breakpoint
CREATE INDEX `pairings_key` ON `pairings` (`tenant_id`,`decided_by_key`);