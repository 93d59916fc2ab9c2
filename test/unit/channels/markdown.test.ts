import fc from 'fast-check'
import { Lexer, lexer } from 'marked'
import { describe, expect, it, vi } from 'vitest'
import { toDiscord } from '../../../src/channels/discord/dialect.ts'
import { toFeishu } from '../../../src/channels/feishu/dialect.ts'
import { toPlain } from '../../../src/channels/plain.ts'
import { MAX_MARKDOWN_CHARS, MAX_MARKS, readMarkdown } from '../../../src/channels/text/tokens.ts'
import { toWhatsapp } from '../../../src/channels/whatsapp/dialect.ts'

const ZWSP = '\u200b'
const SAMPLE = [
  '# Title',
  '**bold** *slanted* ~~gone~~ `x = 1` [site](https://example.org/a) <https://example.org/>',
  '- one\n- two\n  1. inner',
  '> said',
  '```sh\nls -la\n```',
].join('\n\n')

describe('markdown of a model', () => {
  it('is what Discord shows of it', () => {
    expect(toDiscord(SAMPLE)).toBe(
      [
        '# Title',
        '**bold** *slanted* ~~gone~~ `x = 1` [site](<https://example.org/a>) <https://example.org/>',
        '- one\n- two\n  1. inner',
        '> said',
        '```sh\nls -la\n```',
      ].join('\n\n'),
    )
  })

  it('is what WhatsApp shows of it', () => {
    expect(toWhatsapp(SAMPLE)).toBe(
      [
        '*Title*',
        '*bold* _slanted_ ~gone~ `x = 1` site (https://example.org/a) https://example.org/',
        '- one\n- two\n  1. inner',
        '> said',
        '```\nls -la\n```',
      ].join('\n\n'),
    )
  })

  it('is words and addresses where there is no markup', () => {
    expect(toPlain(SAMPLE)).toBe(
      [
        'Title',
        'bold slanted gone x = 1 site (https://example.org/a) https://example.org/',
        '- one\n- two\n  1. inner',
        '> said',
        'ls -la',
      ].join('\n\n'),
    )
  })

  it('keeps raw HTML as text, and images as links', () => {
    const markdown =
      'a <b onclick="x()">c</b>\n\n<div>\nd\n</div>\n\n![cat](https://example.org/c.png)'
    expect(toPlain(markdown)).toBe(
      'a <b onclick="x()">c</b>\n\n<div>\nd\n</div>\n\ncat (https://example.org/c.png)',
    )
  })

  it('leads to the web and to mail, and nowhere else', () => {
    for (const href of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', '/x']) {
      for (const render of [toDiscord, toWhatsapp, toPlain, toFeishu]) {
        expect(render(`[label](${href})`), href).toBe('label')
      }
    }
    expect(toPlain('[me](mailto:a@example.org) <b@example.org>')).toBe(
      'me (a@example.org) b@example.org',
    )
  })

  it('shows where a link leads whose words are another address', () => {
    const text = '[bank.example](https://evil.example/x) [bank](https://bank.example@evil.example/)'
    expect(toPlain(text)).toBe(
      'bank.example (https://evil.example/x) bank (https://bank.example@evil.example/)',
    )
    expect(toDiscord(text)).toContain('bank.example (<https://evil.example/x>)')
  })

  it('shows a table in columns', () => {
    expect(toPlain('| a | long |\n|---|---|\n| bb | c |')).toBe('a  | long\nbb | c')
  })

  it('shows in Discord what was written, not what it might mean there', () => {
    expect(toDiscord('a || b || c, 2 \\* 3 and snake_case')).toBe(
      'a \\|\\| b \\|\\| c, 2 \\* 3 and snake\\_case',
    )
    expect(toDiscord('<@80351110224678912> <#1> </x:1>')).not.toMatch(/(?<!\\)<[@#/]/)
  })

  it('closes no fence from inside, and opens none', () => {
    for (const render of [toDiscord, toWhatsapp]) {
      const rendered = render('````\na\n```\n@everyone\n````')
      expect(rendered.match(/```/g)).toHaveLength(2)
    }
  })

  it('calls no group together, however it is written', () => {
    const forms = ['@everyone', '**@here**', '`@everyone`', '@&#101;veryone', '> # @Everyone']
    for (const form of forms) expect(toDiscord(form)).not.toMatch(/@(?:everyone|here)/i)
    for (const form of ['<at user_id="all">x</at>', '`<AT id=all>`', '< at user_id="all">']) {
      expect(toFeishu(form)).not.toMatch(/<\s*\/?\s*at/i)
      expect(toFeishu(form)).toContain(`<${ZWSP}`)
    }
  })

  it('is rendered whatever it is, however deep', () => {
    const pieces = [
      '>',
      '- ',
      '1. ',
      '*',
      '_',
      '`',
      '[',
      '](',
      ')',
      '\n',
      '  ',
      'a',
      '@everyone',
      '|',
      '<at',
    ]
    const texts = fc
      .array(fc.constantFrom(...pieces), { maxLength: 120 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(texts, (text) => {
        expect(toDiscord(text)).not.toMatch(/@everyone/)
        expect(toFeishu(text)).not.toMatch(/<at/)
        toWhatsapp(text)
      }),
    )
    for (const deep of ['>', '> - ', '1. ']) {
      expect(toPlain(`${deep.repeat(3_000)}a`)).toContain('a')
    }
  })

  it('is shown as it was written where it is too much to be read', () => {
    const most = `**${'a'.repeat(MAX_MARKDOWN_CHARS - 4)}**`
    expect(toPlain(most)).toBe(most.replaceAll('*', ''))
    expect(toPlain(`${most} `)).toBe(`${most} `)
    const marks = '*a_'.repeat(MAX_MARKS / 2)
    expect(toPlain(`${marks}*`)).toBe(`${marks}*`)
    expect(toPlain(`**b**${marks.slice(6)}`)).toMatch(/^b/)
    expect(toDiscord(`${most} @everyone`)).not.toContain('@everyone')
  })

  it('is read around a paragraph that is too much', () => {
    const marks = '[_a'.repeat(MAX_MARKS + 1)
    expect(toPlain(`**a**\n\n${marks}\n\n- *b*`)).toBe(`a\n\n${marks}\n\n- b`)
    expect(toPlain(`**a**\n\n${'!'.repeat(801)}\n\n*b*`)).toBe(`a\n\n${'!'.repeat(801)}\n\nb`)
    // What stands in a fence costs nothing, however much it is.
    const code = 'snake_case_name\n'.repeat(200).trim()
    expect(toPlain(`**a**\n\n\`\`\`\n${code}\n\`\`\``)).toBe(`a\n\n${code}`)
  })

  it('is read as its lexer reads it, where it is not too much', () => {
    const texts = [
      SAMPLE,
      '[a]\n\n[a]: https://example.org/\n',
      '- [x] *a*\n- b\n\n| *a* |\n|-|\n| b |',
    ]
    for (const text of texts) expect(readMarkdown(text)).toEqual(lexer(text))
    const pieces = fc.constantFrom(
      '*',
      '_',
      '`',
      '[',
      '](',
      ')',
      '\n',
      '> ',
      '- ',
      '<b>',
      'a ',
      '|-|\n',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        const text = parts.join('')
        const read = readMarkdown(text)
        if (read !== null) expect(JSON.stringify(read)).toBe(JSON.stringify(lexer(text)))
      }),
    )
  })

  it('has no paragraph with more marks read than a person would write, however it is put', () => {
    for (const unit of [
      '![_a',
      '[_a',
      '!_a',
      '[]_a',
      '*a_b **c d e',
      '|\n|-|\n',
      '[*a](b c',
      '!',
    ]) {
      const inlines = vi.spyOn(Lexer.prototype, 'inlineTokens')
      const text = unit.repeat(MAX_MARKDOWN_CHARS).slice(0, MAX_MARKDOWN_CHARS)
      readMarkdown(`${text.slice(0, 4_000)}\n\n${text.slice(4_002)}`)
      const marks = inlines.mock.calls.map(([src]) => src.match(/[*_~]/g)?.length ?? 0)
      inlines.mockRestore()
      expect(Math.max(0, ...marks), unit).toBeLessThanOrEqual(MAX_MARKS)
    }
  })
})
