import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measureSlack, toSlack } from '../../../../src/channels/slack/dialect.ts'

const SAMPLE = [
  '# Title',
  '**bold** *slanted* ~~gone~~ `x < 1` [site](https://example.org/a?b=1&c=2) <https://example.org/>',
  '- one\n- two',
  '> said',
  '```sh\nls -la && x\n```',
].join('\n\n')

/** Every control sequence of Slack's that a text holds. */
const sequences = (text: string): readonly string[] => text.match(/<[^>]*>?/g) ?? []

describe('markdown of a model on Slack', () => {
  it('is shown as it was meant', () => {
    expect(toSlack(SAMPLE)).toBe(
      [
        '*Title*',
        '*bold* _slanted_ ~gone~ `x &lt; 1` <https://example.org/a?b=1&amp;c=2|site> <https://example.org/>',
        '- one\n- two',
        '> said',
        '```\nls -la &amp;&amp; x\n```',
      ].join('\n\n'),
    )
  })

  it('calls nobody, wherever it tries', () => {
    const calls = ['<!channel>', '<!here|x>', '<!everyone>', '<@U0PERSON01>', '<!subteam^S01>']
    const places = [
      (call: string) => call,
      (call: string) => `**${call}**`,
      (call: string) => `\`${call}\``,
      (call: string) => `\`\`\`\n${call}\n\`\`\``,
      (call: string) => `# ${call}`,
      (call: string) => `> ${call}`,
      (call: string) => `| a |\n|---|\n| ${call} |`,
      (call: string) => `<div>${call}</div>`,
      (call: string) => `![${call}](javascript:x)`,
      (call: string) => `[x](<${call}>)`,
    ]
    for (const call of calls) {
      for (const place of places) {
        expect(sequences(toSlack(place(call))), place(call)).toEqual([])
      }
    }
    for (const call of calls) {
      const [link, ...more] = sequences(toSlack(`[${call}](https://example.org/)`))
      expect(link).toMatch(/^<https:\/\/example\.org\/(\|[^<>]*)?>$/)
      expect(more).toEqual([])
    }
  })

  it('holds no sequence but links to the web and to mail', () => {
    const piece = fc.constantFrom(
      ...'<>!@|&[]()`*_~# \n',
      '!channel',
      '@U0PERSON01',
      'https://e.example/',
      'mailto:a@e.example',
      'x',
      '![',
      '](',
    )
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(text, (markdown) => {
        const shown = toSlack(markdown)
        for (const sequence of sequences(shown)) {
          expect(sequence).toMatch(/^<(?:https?:\/\/|mailto:)[^<>|]*(?:\|[^<>]*)?>$/)
        }
        expect(shown.replaceAll(/&(?:amp|lt|gt);/g, '')).not.toContain('&')
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps a link whole whose address or label would end it', () => {
    expect(toSlack('[a|b > c](https://example.org/x|y)')).toBe(
      '<https://example.org/x%7Cy|a|b &gt; c>',
    )
    expect(toSlack('[![cat](https://example.org/c.png)](https://example.org/)')).toBe(
      '<https://example.org/c.png|cat> <https://example.org/>',
    )
    expect(toSlack('[x](mailto:a<!channel>|b@e.example)')).toBe(
      '<mailto:a%3C!channel%3E%7Cb@e.example|x>',
    )
    expect(toSlack('[x](javascript:alert%281%29)')).toBe('x')
  })

  it('cannot leave its fence', () => {
    expect(toSlack('````\na\n```\nb\n````')).toBe('```\na\n`\u200b``\nb\n```')
  })

  it('is measured as Slack gets it, escapes included', () => {
    expect(measureSlack('a & b')).toBe('a &amp; b'.length)
    expect(measureSlack('<<<')).toBe(12)
  })
})
