DROP INDEX `approvals_status`;--> statement-breakpoint
CREATE INDEX `approvals_status` ON `approvals` (`tenant_id`,`status`,`created_at`,`id`);