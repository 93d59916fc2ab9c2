/** What can be wrong with a trail, in plain words. */
const WORDS: Readonly<Record<string, string>> = {
  gap: 'a record is missing, or stands twice',
  unlinked: 'it does not follow the record before it',
  altered: 'it is not what was written',
  truncated: 'the trail ends before it should',
  beyond_head: 'there is more than was ever written',
  anchor_missed: 'a signed state from earlier does not fit it',
  anchor_unreadable: 'a signed state from earlier is gone or spoilt',
}

export const faultWords = (fault: string): string => WORDS[fault] ?? fault
