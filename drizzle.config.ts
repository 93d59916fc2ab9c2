/** `npm run migrations` writes the next numbered SQL file from src/db/schema; it applies nothing. */
import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: './src/db/schema/index.ts',
  out: './migrations',
})
