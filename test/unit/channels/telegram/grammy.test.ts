/**
 * grammY beside ours: what it makes of the same updates, and whether the fake of the Bot API answers it
 * as Telegram would.
 */
import { Bot, GrammyError, webhookCallback } from 'grammy'
import type { Update } from 'grammy/types'
import { describe, expect, it } from 'vitest'
import {
  floodWait,
  serveTelegram,
  TELEGRAM_BOT_ID,
  telegramWorld,
} from '../../../support/channels/telegram.ts'
import {
  ANNA,
  BOT_TOKEN,
  DIRECT,
  entity,
  eventsOf,
  GROUP,
  message,
  receive,
  SECRET,
  USERNAME,
  update,
} from './updates.ts'

const botInfo = {
  id: TELEGRAM_BOT_ID,
  is_bot: true,
  first_name: 'Ours',
  username: USERNAME,
} as NonNullable<ConstructorParameters<typeof Bot>[1]>['botInfo'] & object

const grammy = () =>
  new Bot(BOT_TOKEN, {
    botInfo,
    client: { canUseWebhookReply: (method) => method === 'answerCallbackQuery' },
  })

const written = (text: string, type: string, marked: string, chat: object) =>
  update({ message: message({ chat, text, entities: [entity(type, text, marked)] }) })

describe('grammY, of the same update', () => {
  it.each([
    ['/stop', '/stop'],
    ['/stop@our_test_bot', '/stop@our_test_bot'],
    ['/stop@OUR_Test_bot now', '/stop@OUR_Test_bot'],
    ['/stop@our_test_bot2', '/stop@our_test_bot2'],
    ['/stop@weather_bot', '/stop@weather_bot'],
    ['please /stop', '/stop'],
    ['😀 /stop@our_test_bot', '/stop@our_test_bot'],
    ['/stopall', '/stopall'],
  ])('hears a command in %s just where we do', async (text, marked) => {
    const given = written(text, 'bot_command', marked, DIRECT)
    let heard: string | null = null
    const bot = grammy()
    bot.command(['stop', 'stopall'], (ctx) => {
      heard = `/${/^\/(\w+)/.exec(ctx.msg.text)?.[1]} ${ctx.match}`.trim()
    })
    await bot.handleUpdate(given as unknown as Update)
    const [event] = await eventsOf(given)
    const ours = event?.kind === 'message' && event.isCommand ? event.text : null
    expect(ours).toBe(heard)
  })

  it('finds the same words under a mention, behind characters of two units', async () => {
    const text = '🇩🇪😀é @our_test_bot go'
    const given = written(text, 'mention', '@our_test_bot', GROUP)
    const named: string[] = []
    const bot = grammy()
    bot.on('message', (ctx) => void named.push(...ctx.entities('mention').map((one) => one.text)))
    await bot.handleUpdate(given as unknown as Update)
    expect(named).toEqual(['@our_test_bot'])
    expect(await eventsOf(given)).toMatchObject([{ text: '🇩🇪😀é go', isMention: true }])
  })

  it('lets in the same secret, and answers a button in the same words', async () => {
    const query = {
      id: '77001',
      from: ANNA,
      message: { message_id: 5, chat: GROUP, date: 1 },
      chat_instance: '1',
      data: 'x',
    }
    const given = update({ callback_query: query })
    const bot = grammy()
    bot.on('callback_query', (ctx) => ctx.answerCallbackQuery())
    const hear = webhookCallback(bot, 'std/http', { secretToken: SECRET })
    const post = (secret: string) =>
      hear(
        new Request('https://gateway.example/', {
          method: 'POST',
          headers: { 'x-telegram-bot-api-secret-token': secret },
          body: JSON.stringify(given),
        }),
      )
    const theirs = await (await post(SECRET)).json()
    const ours = await receive(given)
    expect(ours.ok && JSON.parse(ours.value.answer.body)).toEqual(theirs)
    expect((await post('another')).status).toBe(401)
    expect(await receive(given, null, 'another')).toMatchObject({ error: 'signature_wrong' })
  })
})

describe('the fake of the Bot API, asked by grammY', () => {
  it('answers as Telegram does, in what is done and in what is refused', async () => {
    const world = telegramWorld({ chats: new Set([ANNA.id]) })
    await using server = await serveTelegram(world)
    const { api } = new Bot(world.token, { client: { apiRoot: server.url } })
    expect(await api.getMe()).toMatchObject({ id: TELEGRAM_BOT_ID, username: USERNAME })
    const sent = await api.sendMessage(ANNA.id, 'hello', {
      entities: [{ type: 'bold', offset: 0, length: 5 }],
      link_preview_options: { is_disabled: true },
      reply_parameters: { message_id: 1, allow_sending_without_reply: true },
    })
    expect(sent).toMatchObject({ message_id: 101, chat: { id: ANNA.id } })
    const edit = () => api.editMessageText(ANNA.id, sent.message_id, 'hello there')
    expect(await edit()).toMatchObject({ text: 'hello there' })
    await expect(edit()).rejects.toThrow(/message is not modified/)
    await expect(api.sendMessage(5, 'x')).rejects.toThrow(GrammyError)
    await expect(api.sendMessage(5, 'x')).rejects.toMatchObject({
      error_code: 400,
      description: 'Bad Request: chat not found',
    })
    server.answerNext(floodWait(3))
    await expect(api.sendMessage(ANNA.id, 'x')).rejects.toMatchObject({
      error_code: 429,
      parameters: { retry_after: 3 },
    })
    await api.setWebhook('https://gateway.example/x', {
      secret_token: SECRET,
      allowed_updates: ['message'],
    })
    expect(await api.getWebhookInfo()).toMatchObject({
      url: 'https://gateway.example/x',
      allowed_updates: ['message'],
    })
    world.files.set('f', { path: 'a/b', bytes: new Uint8Array(3) })
    expect(await api.getFile('f')).toMatchObject({ file_path: 'a/b', file_size: 3 })
    expect(await api.sendChatAction(ANNA.id, 'typing')).toBe(true)
    expect(await api.deleteWebhook()).toBe(true)
  })

  it('knows nobody with another token', async () => {
    await using server = await serveTelegram(telegramWorld())
    const { api } = new Bot(`1:${'x'.repeat(35)}`, { client: { apiRoot: server.url } })
    await expect(api.getMe()).rejects.toMatchObject({ error_code: 401 })
  })
})
