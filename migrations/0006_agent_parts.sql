ALTER TABLE `mcp_servers` ADD `sealed_authorization` text;--> statement-breakpoint
ALTER TABLE `mcp_servers` ADD `tools` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `mcp_servers` ADD `protocol_version` text;--> statement-breakpoint
ALTER TABLE `mcp_servers` ADD `checked_at` integer;--> statement-breakpoint
ALTER TABLE `mcp_servers` ADD `revision` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `mcp_servers` DROP COLUMN `tool_prefix`;--> statement-breakpoint
ALTER TABLE `mcp_servers` DROP COLUMN `pinned_tools`;