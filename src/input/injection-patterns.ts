/**
 * What the six families look like: data only. Phrases are sequences of words, so that fillers,
 * possessives and another order change nothing; marks are short patterns with bounded repetition.
 * scan.ts reads them; what a finding leads to is decided in inspect.ts.
 */
export const INJECTION_FAMILIES = [
  'ignore_instructions',
  'role_override',
  'system_tags',
  'instruction_injection',
  'null_bytes',
  'delimiter_escape',
] as const

export type InjectionFamily = (typeof INJECTION_FAMILIES)[number]

/** Named sets of words. A word that ends in `*` stands for everything that begins with it. */
export const WORD_SETS: Readonly<Record<string, string>> = {
  ignore:
    'ignor* disregard* forget forgets forgetting overlook* neglect* omit skip bypass* override overriding overrule overwrite discard abandon dismiss erase nullify circumvent unlearn drop supersede ' +
    'ignoriere ignorieren vergiss missachte ignora ignorez ignore oublie oubliez olvida olvide dimentica ignorar esqueca negeer vergeet',
  put: 'set put throw leave cast push toss lay brush',
  away: 'aside away behind out',
  void: 'reset resetting cancel cancelling revoke revoking rescind scrap ditch purge wipe delete erase clear reject flush unload',
  follow:
    'follow following obey obeying heed adhere comply abide honor honour respect consider execute observe listen',
  previous:
    'previous* prior preceding earlier above aforementioned foregoing former past last initial original existing ' +
    'vorherigen vorigen bisherigen obigen anteriores anterior previas precedentes precedent precedenti vorige eerdere',
  all: 'all any every each these those your my our its everything alle todas todo tutte toutes tous',
  strong:
    'instruct* directive* prompt prompts guideline* programming anweisung* instruccion* istruzioni instrucoes',
  medium:
    'rule rules command commands order orders direction directions guidance polic* restriction* constraint* limitation* safeguard* training regulation* ordenes regeln reglas regles consignes',
  weak: 'text texts content contents context message messages conversation* input inputs words lines statement* sentences sentence task tasks request requests everything information',
  given:
    'above before previously earlier given told received provided written preceding prior beforehand',
  voided:
    'ignored disregarded overridden overruled void null cancelled canceled revoked obsolete outdated superseded invalid forgotten nullified suspended',
  reveal: 'reveal repeat print output show display disclose leak expose recite return dump spell',
  unbound: 'unrestricted unfiltered uncensored jailbroken amoral unethical unhinged unmoderated',
  machine: 'ai assistant model chatbot bot mode version gpt chatgpt llm language system character',
  limits:
    'restrictions restriction limitations limits filters filter guidelines rules constraints censorship moderation ethics ethical moral morals boundaries policies',
}

export interface Phrase {
  readonly family: InjectionFamily
  /**
   * Words in order: `<set>`, `a|b`, or a word; `..n` allows up to n others in between. `!a|b` after
   * the last word: the phrase is none when one of these follows.
   */
  readonly words: string
}

const ignoring = (words: string): Phrase => ({ family: 'ignore_instructions', words })
const role = (words: string): Phrase => ({ family: 'role_override', words })
const injecting = (words: string): Phrase => ({ family: 'instruction_injection', words })
const delimiter = (words: string): Phrase => ({ family: 'delimiter_escape', words })

export const PHRASES: readonly Phrase[] = [
  ignoring('<ignore> ..4 <previous> ..3 <strong>|<medium>|<weak>'),
  ignoring('<ignore> ..2 <all> ..3 <strong>|<medium>'),
  ignoring('<ignore> ..1 the|this|that|what ..2 <strong>'),
  ignoring('<ignore> <strong>'),
  ignoring('<ignore> ..1 the|this|that command|directions|orders'),
  ignoring(
    '<ignore> ..1 system|safety|security|content|ethical ..2 <strong>|<medium>|filter|filters',
  ),
  ignoring('<ignore> rules|filters|commands|orders|directions|policies'),
  ignoring('<ignore> ..4 <strong>|<medium> ..3 <given>'),
  ignoring(
    '<ignore> ..2 everything|all|anything|what|whatever ..2 you|youve|i|ive|we ..3 know|knew|learned|learnt|told|said|taught|given|instructed|been|were',
  ),
  ignoring('<ignore> ..1 everything|all|anything ..3 <given>'),
  ignoring(
    'not|dont|never|stop|cease|quit ..1 <follow> ..3 <previous>|<all>|the ..3 <strong>|<medium>',
  ),
  ignoring('pay no|little attention|heed|regard|mind ..2 to ..4 <previous>|<strong>|<medium>'),
  ignoring('give|take no heed|regard|notice ..2 to|of ..4 <previous>|<strong>|<medium>'),
  ignoring('<put> <away> ..3 <previous>|<all> ..3 <strong>|<medium>'),
  ignoring('<put> <away> ..2 all|everything|anything|what|whatever ..4 <given>'),
  ignoring('<put> <previous>|your ..2 <strong>|<medium> <away>'),
  ignoring('get rid of ..2 <previous>|your ..3 <strong>|<medium>'),
  ignoring('let go of ..2 <previous>|your ..3 <strong>|<medium>'),
  ignoring('<void> ..1 your|<previous> ..2 <strong>|rules|restriction*|constraint*|safeguard*'),
  ignoring('<void> ..1 all ..2 <previous> ..2 <strong>|<medium>'),
  ignoring(
    '<previous>|old ..2 <strong>|<medium> ..2 dont|not|doesnt|didnt ..1 apply|matter|count|exist|hold',
  ),
  ignoring(
    '<previous>|<all>|your ..2 <strong>|<medium> ..4 are|is|be|been|now|hereby|were|become|considered ..1 <voided>',
  ),
  ignoring(
    '<strong>|<medium> ..3 <given> ..3 are|is|be|been|now|hereby|were|become|considered ..1 <voided>',
  ),
  ignoring(
    '<previous>|<all>|your ..2 <strong>|<medium> ..4 no longer ..1 apply|valid|matter|relevant|active|exist|count|hold',
  ),
  ignoring('<ignore> ..3 openai|openais|anthropic|anthropics|safety|content ..3 <strong>|<medium>'),
  ignoring('begin|start ..1 anew|afresh|over|scratch ..4 <ignore> ..3 <strong>'),

  role(
    'you are|re now !ready|able|connected|logged|signed|subscribed|registered|done|finished|set|familiar|aware|seeing|using|leaving|viewing|running|enrolled|verified|eligible|all',
  ),
  role(
    'youre now !ready|able|connected|logged|signed|subscribed|registered|done|finished|set|familiar|aware',
  ),
  role(
    'you ..1 will now ..1 act|be|become|play|pretend|behave|respond|answer|speak|assume|simulate|roleplay',
  ),
  role('from now on ..3 you|your|youll|youre|respond|answer|reply|act'),
  role('from this point|moment ..2 you|your|youll|always|only'),
  role('you are|re ..1 no longer'),
  role('youre no longer'),
  role('pretend ..2 you|youre|youve|your ..1 are|re|have|were|a|an|can|the|not'),
  role('pretend youre'),
  role('pretend ..1 to be'),
  role('going|about|want|need|like|will ..2 to ..1 pretend'),
  role(
    'act|behave|respond|answer|speak ..2 as ..1 if|though ..2 you ..1 have|had|are|were|re no|not|unrestricted|free|unbound',
  ),
  role(
    'act|behave|respond|answer|speak ..1 as ..3 <unbound>|dan|evil|root|admin|administrator|stan|dude',
  ),
  role('do anything now'),
  role('dan|jailbreak|god|developer|debug|unrestricted|opposite|evil|sudo|admin mode'),
  role('<unbound> ..2 ai|assistant|model|chatbot|bot|gpt|chatgpt|llm|mode'),
  role('<machine> ..4 without|no|zero ..2 <limits>'),
  role('respond|answer|reply|act|operate|behave ..4 without ..2 <limits>'),
  role(
    'you|youre|they|theyve|he|she|it|is|are|now ..2 free|freed|broken|liberated|unbound|unshackled ..1 from|of|free ..4 <limits>|<medium>|confines|shackles',
  ),
  role('you ..1 have no|zero ..2 <limits>'),
  role(
    'not|longer|arent|isnt|un ..1 bound|limited|restricted|constrained|governed ..1 by|to ..5 <limits>|<strong>|<medium>',
  ),
  role('stop|quit|cease being|acting ..3 <machine>'),
  role('become|be|called|named|as dan'),
  role('any|no|typical|all ..2 <limits> ..3 broken|lifted|removed|disabled|abolished'),
  role('immerse yourself ..3 role'),
  role(
    'take|assume|adopt|play ..2 role|persona|identity ..2 of ..4 <unbound>|<machine>|evil|hacker|dan',
  ),
  role('your new role|persona|identity|name|purpose|personality'),
  role(
    'switch|change|enter|activate|enable ..2 to|into|the|your ..3 persona|personality|mode|character ..2 <unbound>|dan|evil|jailbreak',
  ),
  role('deny|abandon|forget|shed ..2 your ..2 identity|persona|role|character'),

  injecting(
    '<reveal> ..5 your|initial|original|system|hidden|secret|full|entire|complete|above|previous|prior|verbatim ..3 prompt|instruct*|directives|preprompt',
  ),
  injecting('<reveal> ..3 <strong> ..3 <given>|word|verbatim'),
  injecting(
    'give|tell|show|send|share|write|read ..1 me ..2 your ..3 prompt|instruct*|directives|preprompt',
  ),
  injecting(
    'your new|real|actual|true|only|next|updated task|goal|objective|instruct*|directive|mission|job ..2 is|are|will',
  ),
  injecting(
    'instead ..1 output|print|say|respond|reply ..4 secret|password|phrase|exactly|word|only|access|prompt',
  ),
  injecting(
    'instead of ..2 saying|replying|responding|answering|following ..8 say|reply|respond|answer|must|output',
  ),
  injecting(
    'disable|deactivate|disengage|remove|turn ..2 all|any|your|off|the ..2 safety|security|content|ethical|moderation ..2 rules|filter|filters|guidelines|checks|features|measures|protocols|settings',
  ),
  injecting(
    'begin|start|prefix ..2 your ..2 reply|response|answer ..2 with ..3 access|denied|granted|here',
  ),
  injecting('say|print|output|write|respond|reply ..3 access granted'),
  injecting(
    'repeat|recite|echo|print|output|quote ..2 everything|all|text|words|content ..2 above',
  ),
  injecting('repeat|recite|echo ..2 everything|all|words|text ..3 before|preceding|verbatim|so'),
  injecting(
    '<reveal>|translate|include|including|summarize|summarise|encode|append ..5 the|your system prompt|message|instruct*',
  ),
  injecting('your ..1 <strong> ..1 have|has ..1 changed|been'),
  injecting('begin|start|begins|starting ..1 new <strong>'),
  injecting('you ..1 told|instructed|given ..2 before|at ..2 this|the|start ..2 conversation|chat'),
  injecting('the situation has changed'),
  injecting('i ..2 changed my mind ..6 instead|not'),

  delimiter(
    'end|ends|ending|begin|beginning|termination ..1 of ..2 user|system|untrusted|distractor|prompt|trusted ..2 input|prompt|message|instruct*|content|text|context|query|data|section',
  ),
  delimiter('end of prompt|instruct*|rules|context|conversation|simulation|transcript !at|in|with'),
  delimiter(
    'user|system|untrusted ..1 input|message|prompt|content end|ends|ended|ending|terminat* !users|user|of',
  ),
  delimiter(
    'end|begin untrusted|distractor|attacker ..2 input|content|ambiguity|text|instruct*|data|message',
  ),
  delimiter('end|begin out of date ..1 instruct*'),
]

/** Where in the normalised text a mark is looked for. */
export type MarkPlace =
  /** At the first word of a line, behind bullets, quotes and rules. */
  | 'line'
  /** As `line`, behind two or more `#`. */
  | 'heading'
  /** As `line`, and behind two signs of a rule anywhere (`--- end of …`). */
  | 'rule'
  | '<'
  | '['

export interface Mark {
  readonly family: InjectionFamily
  readonly place: MarkPlace
  /** Sticky; over the normalised, lower-case text. Every repetition is bounded. */
  readonly pattern: RegExp
}

const ROLES =
  '(?:system|sys|system[_-]?prompt|sysprompt|assistant|admin|administrator|developer|im_start|im_end|endoftext|root)'
/** Quotes, stars and brackets that close a heading. */
const CLOSE = '[ \\t*"\'\\])]{0,6}'

export const MARKS: readonly Mark[] = [
  {
    family: 'system_tags',
    place: '<',
    pattern: new RegExp(
      `<(?:[|｜][\\w▁ /:-]{1,40}[|｜]>|<\\/?sys>>|\\/?(?:start|end)_of_turn>|\\/?${ROLES}(?: [^<>]{0,60})?>)`,
      'y',
    ),
  },
  {
    family: 'system_tags',
    place: '[',
    pattern: new RegExp(
      `\\[(?:\\/?inst\\]|\\/?#?${ROLES}(?: (?:prompt|message|instructions?|note|override))?\\](?:[^(]|$))`,
      'y',
    ),
  },
  {
    family: 'system_tags',
    place: 'heading',
    pattern: /(?:system|instruction|assistant|human)s?(?: prompt| message)?:? ?(?:\n|$)/y,
  },
  {
    family: 'instruction_injection',
    place: 'line',
    pattern: new RegExp(
      '(?:(?:important|urgent|attention|note)[:!, ]{1,3})?(?:the )?' +
        '(?:new|updated|revised|additional|actual|real|secret|latest)(?: and improved)?' +
        `(?: system| user| admin| developer)? (?:instruction|directive|command|rule|order|task|prompt|section)s?${CLOSE}(?:[:\\n]|$)`,
      'y',
    ),
  },
  {
    family: 'instruction_injection',
    place: 'line',
    pattern: new RegExp(
      '(?:system|admin|administrator|developer)' +
        `(?: (?:prompt|message|override|notice|note|instruction|instructions|command|update|alert))?${CLOSE}:`,
      'y',
    ),
  },
  {
    family: 'instruction_injection',
    place: 'line',
    pattern: new RegExp(`(?:(?:system|admin|priority) )?override${CLOSE}[:!]`, 'y'),
  },
  {
    family: 'delimiter_escape',
    place: 'rule',
    pattern: new RegExp(
      'end (?:of )?(?:the )?(?:[a-z]{1,14} ){0,3}' +
        '(?:input|prompt|instructions?|message|content|chat|context|buffer|conversation|rules|query|simulation|ambiguity)' +
        '[ \\-=#*~_<>|\\]]{0,12}(?:[.:!%\\n\\-=#*~_<>|\\]]|$)',
      'y',
    ),
  },
  {
    family: 'delimiter_escape',
    place: '<',
    pattern:
      /<\/(?:context|rules|prompt|instructions?|user_?input|user_?message|user_?query|user_?prompt|system_?(?:prompt|message|instructions?)?|guidelines|untrusted[a-z_]{0,20}|external[a-z_]{0,30}|tool_?(?:results?|output)|function_?results?)>/y,
  },
]

/** Looked for anywhere as they stand. */
export const LITERALS: readonly { readonly family: InjectionFamily; readonly text: string }[] = [
  { family: 'null_bytes', text: '\0' },
  { family: 'null_bytes', text: '\u2400' },
  { family: 'null_bytes', text: '%00' },
  { family: 'null_bytes', text: '&#0;' },
  ...['%%% end', '%%%end', '%% end', '%%end', '%%% begin', '%%%begin', '%% begin'].map((text) => ({
    family: 'delimiter_escape' as const,
    text,
  })),
  { family: 'delimiter_escape', text: '\nbegin user input' },
]
