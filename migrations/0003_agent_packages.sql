ALTER TABLE `agents` ADD `packages` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `secure_cli_binaries` ADD `env_set_at` integer DEFAULT 0 NOT NULL;