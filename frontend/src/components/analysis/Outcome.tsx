/** What a call came to: success, outcome, summary, topics, what went wrong in it. */
import { Badge, Group, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import {
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconFlag,
  IconQuestionMark,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Result, ShowTurn } from './types'
import classes from './analysis.module.css'

interface OutcomeProps {
  result: Pick<Result, 'summary' | 'outcome' | 'success' | 'topics'>
}

/** The short of it. */
export function Outcome({ result: { summary, outcome, success, topics } }: OutcomeProps) {
  return (
    <Stack gap="xs">
      {(success !== null || outcome || topics.length > 0) && (
        <Group gap="xs">
          {success !== null && <Success success={success} />}
          {outcome && <Badge color="petrol">{outcome}</Badge>}
          {topics.map((topic) => (
            <Badge key={topic} color="gray">
              {topic}
            </Badge>
          ))}
        </Group>
      )}
      {summary && <Text size="sm">{summary}</Text>}
    </Stack>
  )
}

export function Success({ success }: { success: boolean }) {
  const { t } = useTranslation('analysis')
  return success ? (
    <Badge color="petrol" leftSection={<IconCircleCheck size={13} aria-hidden />}>
      {t('success')}
    </Badge>
  ) : (
    <Badge color="red" leftSection={<IconCircleX size={13} aria-hidden />}>
      {t('failure')}
    </Badge>
  )
}

interface FindingsProps {
  result: Pick<Result, 'reasons' | 'unanswered' | 'flags'>
  onTurn?: ShowTurn
}

/** Goals one by one, flags, questions without an answer; nothing where there is none. */
export function Findings({ result: { reasons, unanswered, flags }, onTurn }: FindingsProps) {
  const { t } = useTranslation('analysis')
  return (
    <>
      {reasons.length > 0 && (
        <FindingList title={t('goals')}>
          {reasons.map(({ criterion, met, turn, words }) => (
            <Finding
              key={criterion}
              picture={PICTURES[stateOf(met)]}
              bad={met === false}
              name={criterion}
              state={t(stateOf(met))}
              words={words}
              turn={turn}
              onTurn={onTurn}
            />
          ))}
        </FindingList>
      )}
      {flags.length > 0 && (
        <FindingList title={t('flags')}>
          {flags.map(({ name, turn, words }, i) => (
            <Finding
              key={i}
              picture={<IconFlag size={16} />}
              bad
              // Ours, where a needed value is missing; the others are the tenant's rules.
              name={name === 'incomplete' ? t('flag_incomplete') : name}
              words={words}
              turn={turn}
              onTurn={onTurn}
            />
          ))}
        </FindingList>
      )}
      {unanswered.length > 0 && (
        <FindingList title={t('unanswered')}>
          {unanswered.map(({ turn, question }, i) => (
            <Finding
              key={i}
              picture={<IconQuestionMark size={16} />}
              name={question}
              turn={turn}
              onTurn={onTurn}
            />
          ))}
        </FindingList>
      )}
    </>
  )
}

const PICTURES = {
  met: <IconCircleCheck size={16} />,
  unmet: <IconCircleX size={16} />,
  unknown: <IconCircleDashed size={16} />,
}

const stateOf = (met: boolean | null) => (met === null ? 'unknown' : met ? 'met' : 'unmet')

function FindingList({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Title order={3} size="h4" mb={4}>
        {title}
      </Title>
      <ul className={classes.findings}>{children}</ul>
    </div>
  )
}

interface FindingProps {
  picture: ReactNode
  bad?: boolean
  name: string
  /** In a word, for who does not see the picture. */
  state?: string
  words?: string
  turn?: number | null
  onTurn?: ShowTurn
}

function Finding({ picture, bad = false, name, state, words, turn, onTurn }: FindingProps) {
  const { t } = useTranslation('analysis')
  const body = (
    <>
      <span className={classes.picture} data-bad={bad || undefined} aria-hidden>
        {picture}
      </span>
      <span>
        {name}
        {state && <span className={classes.aside}> – {state}</span>}
        {words && <span className={classes.aside}>{`${state ? ':' : ''} ${words}`}</span>}
      </span>
    </>
  )
  return (
    <li>
      {turn !== null && turn !== undefined && onTurn ? (
        <UnstyledButton
          className={classes.finding}
          title={t('toTurn', { turn: turn + 1 })}
          onClick={() => onTurn(turn)}
        >
          {body}
        </UnstyledButton>
      ) : (
        <span className={classes.finding}>{body}</span>
      )}
    </li>
  )
}
