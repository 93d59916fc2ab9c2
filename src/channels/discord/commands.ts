/** The slash commands that an application of ours has: `ask` for messages, the rest for the gateway. */

/** What people type to the agent comes as the option `text` of this one, and a file beside it. */
export const ASK = { command: 'ask', option: 'text', file: 'file' } as const

const CHAT_INPUT = 1
const STRING = 3
const ATTACHMENT = 11
/** Discord's own bound of an option. */
const MAX_OPTION_CHARS = 6_000

const required = (name: string, description: string) => ({
  type: STRING,
  name,
  description,
  required: true,
})

const shownOrNot = (name: string, description: string) => ({
  type: CHAT_INPUT,
  name,
  description,
  options: [
    {
      ...required('state', 'Whether it is shown'),
      choices: ['on', 'off'].map((value) => ({ name: value, value })),
    },
  ],
})

/** Names and the order of options are what `commandText` writes out. */
export const DISCORD_COMMANDS = [
  {
    type: CHAT_INPUT,
    name: ASK.command,
    description: 'Ask the agent',
    options: [
      { ...required(ASK.option, 'What to ask'), max_length: MAX_OPTION_CHARS },
      { type: ATTACHMENT, name: ASK.file, description: 'For the agent to look at' },
    ],
  },
  { type: CHAT_INPUT, name: 'stop', description: 'Stop what is running here' },
  { type: CHAT_INPUT, name: 'stopall', description: 'Stop everything that is running' },
  { type: CHAT_INPUT, name: 'reset', description: 'Begin a new conversation' },
  { type: CHAT_INPUT, name: 'status', description: 'What is running here' },
  {
    type: CHAT_INPUT,
    name: 'approve',
    description: 'Answer a question of the agent',
    options: [
      required('id', 'Which question'),
      {
        ...required('decision', 'What may be done'),
        choices: ['allow-once', 'allow-always', 'deny'].map((value) => ({ name: value, value })),
      },
    ],
  },
  shownOrNot('reasoning', 'Show how I get to an answer'),
  shownOrNot('verbose', 'Show which tools I use'),
  { type: CHAT_INPUT, name: 'help', description: 'What can be said here' },
] as const
