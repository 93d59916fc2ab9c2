/**
 * Hooks: `POST /hooks/{instance}/{name}`, proven and read, answered by a callback. What is received
 * depends on the hook that was named: without one nothing is.
 */
import { err } from '../../domain/result.ts'
import type { ChannelPlatform } from '../platform.ts'
import { CALLBACK_RETRY_MS } from './callback.ts'
import { HOOK_NAME } from './config.ts'
import { type WebhookCredentials, webhookCredentials } from './credentials.ts'
import { type NamedHook, receiveHook } from './receive.ts'
import { webhookClient } from './send.ts'

export type WebhookPlatform = ChannelPlatform<WebhookCredentials>

/** In UTF-16 units of markdown, which is called back as it is; one answer is one callback as a rule. */
const MAX_CALLBACK_CHARS = 65_536

export const hookPlatform = (named: NamedHook | null): WebhookPlatform => ({
  type: 'webhook',
  credentials: webhookCredentials,
  baseUrl: '',
  maxChunk: MAX_CALLBACK_CHARS,
  measure: (markdown) => markdown.length,
  maxFileBytes: null,
  minEditMs: null,
  retryMs: CALLBACK_RETRY_MS,
  normalizeSender: (name) => {
    const plain = name.trim().toLowerCase()
    return HOOK_NAME.test(plain) ? plain : null
  },
  receive: async (delivery, credentials, { nowMs }) =>
    named === null ? err('malformed') : receiveHook(delivery, credentials, { ...named, nowMs }),
  client: webhookClient,
})

export const webhook: WebhookPlatform = hookPlatform(null)
