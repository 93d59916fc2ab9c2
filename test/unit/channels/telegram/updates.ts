/** Updates as Telegram delivers them, for what tests change in them. */
import type { InboundEvent } from '../../../../src/channels/platform.ts'
import { telegram } from '../../../../src/channels/telegram/index.ts'
import { TELEGRAM_BOT_ID, telegramWorld } from '../../../support/channels/telegram.ts'
import { delivery, NOW_MS } from '../proof.ts'

export const { token: BOT_TOKEN, username: USERNAME } = telegramWorld()
export const SECRET = 'a_webhook-Secret7_of_24_letters'
export const credentials = { bot_token: BOT_TOKEN, webhook_secret: SECRET }
export const SELF = { id: String(TELEGRAM_BOT_ID), username: 'Our_Test_Bot' }

export const ANNA = {
  id: 4_242,
  is_bot: false,
  first_name: 'Anna',
  last_name: 'Berg',
  username: 'Anna_B',
  language_code: 'de',
}
export const OURS = { id: TELEGRAM_BOT_ID, is_bot: true, first_name: 'Ours', username: USERNAME }
export const DIRECT = { id: ANNA.id, first_name: 'Anna', username: 'Anna_B', type: 'private' }
export const GROUP = { id: -1_001_234_567_890, title: 'Builders', type: 'supergroup' }

export const message = (changes: object = {}) => ({
  message_id: 17,
  from: ANNA,
  chat: DIRECT,
  date: 1_772_323_199,
  ...changes,
})
export const update = (changes: object) => ({ update_id: 900_001, ...changes })
export const inGroup = (text: string, changes: object = {}) =>
  update({ message: message({ chat: GROUP, text, ...changes }) })

/** Of the first `marked` in the text, as Telegram counts. */
export const entity = (type: string, text: string, marked: string, more: object = {}) => ({
  type,
  offset: text.indexOf(marked),
  length: marked.length,
  ...more,
})

export const receive = (
  value: unknown,
  self: typeof SELF | null = SELF,
  secret: string = SECRET,
) => {
  const body = typeof value === 'string' ? value : JSON.stringify(value)
  const headers = { 'x-telegram-bot-api-secret-token': secret }
  const facts = { method: 'POST', query: new URLSearchParams(), nowMs: NOW_MS, self }
  return telegram.receive(delivery(headers, body), credentials, facts)
}

export async function eventsOf(
  value: unknown,
  self: typeof SELF | null = SELF,
): Promise<readonly InboundEvent[]> {
  const received = await receive(value, self)
  if (!received.ok) throw new Error(received.error)
  return received.value.events
}
