/** What happened between two turns: a tool that ran, a transfer, a hand-over. */
import { Collapse, Text, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconArrowsRightLeft,
  IconChevronRight,
  IconLanguage,
  IconSteeringWheel,
  IconTool,
  IconUserQuestion,
  IconUserShare,
  type Icon,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { duration, latency, share } from '@/components/format'
import classes from './beside.module.css'
import { argumentsOf, type Aside, type Beside, pretty, type ToolEvent } from './story'

const PICTURES: Record<Beside['type'], Icon> = {
  tool: IconTool,
  transfer: IconArrowsRightLeft,
  handed_over: IconUserShare,
  answered_by: IconUserQuestion,
  language: IconLanguage,
  control: IconSteeringWheel,
}

export function AsideRow({ aside: { atMs, event } }: { aside: Aside }) {
  const Picture = PICTURES[event.type]
  const words = useWords()
  const time = duration(Math.max(0, atMs))
  if (event.type === 'tool') return <ToolCall event={event} time={time} />
  return (
    <div className={classes.aside}>
      <Picture size={15} stroke={1.7} aria-hidden />
      <span className="tl-mono">{time}</span>
      <span>{words(event)}</span>
    </div>
  )
}

function useWords() {
  const { t } = useTranslation('calls')
  return (event: Exclude<Beside, ToolEvent>): string => {
    switch (event.type) {
      case 'transfer':
        return t('asideTransfer', { target: event.target, state: t(`transfer_${event.state}`) })
      case 'handed_over':
        return t('asideHandedOver', { agent: event.agent_name || event.agent })
      case 'answered_by':
        return t('asideAnsweredBy', {
          verdict: t(`answered_by_${event.verdict}`),
          confidence: share(event.confidence),
        })
      case 'language':
        return t('asideLanguage', {
          before: languageName(event.before),
          language: languageName(event.language),
        })
      case 'control':
        return [
          t('asideControl', { action: t(`control_${event.action}`), by: event.by || t('somebody') }),
          event.text && `“${event.text}”`,
        ]
          .filter(Boolean)
          .join(' ')
    }
  }
}

function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames('en', { type: 'language' }).of(tag) ?? tag
  } catch {
    return tag
  }
}

function ToolCall({ event, time }: { event: ToolEvent; time: string }) {
  const { t } = useTranslation('calls')
  const [opened, { toggle }] = useDisclosure()
  const given = argumentsOf(event)
  return (
    <div className={classes.tool} data-trouble={event.trouble ? '' : undefined}>
      <UnstyledButton className={classes.toolHead} aria-expanded={opened} onClick={toggle}>
        <IconTool size={15} stroke={1.7} aria-hidden />
        <span className="tl-mono">{time}</span>
        <span className={`tl-mono ${classes.toolName}`}>{event.name}</span>
        <span className={classes.toolArguments}>{given.map(([, value]) => value).join(', ')}</span>
        <span className="tl-mono">{latency(event.took_ms)}</span>
        <IconChevronRight size={14} data-opened={opened || undefined} aria-hidden />
      </UnstyledButton>
      {event.trouble && (
        <Text size="xs" c="var(--mantine-color-error)" className={classes.toolTrouble}>
          {event.trouble}
        </Text>
      )}
      <Collapse expanded={opened}>
        <div className={classes.toolBody}>
          <Text size="xs" c="dimmed" fw={600}>
            {t('toolArguments')}
          </Text>
          {given.length > 0 ? (
            <dl className={classes.pairs}>
              {given.map(([name, value]) => (
                <div key={name} style={{ display: 'contents' }}>
                  <dt className="tl-mono">{name}</dt>
                  <dd className="tl-mono">{value}</dd>
                </div>
              ))}
            </dl>
          ) : (
            <Text size="xs">{t('toolNoArguments')}</Text>
          )}
          <Text size="xs" c="dimmed" fw={600} mt={6}>
            {t('toolResult')}
          </Text>
          <pre className={classes.code}>{event.result ? pretty(event.result) : t('toolNoResult')}</pre>
        </div>
      </Collapse>
    </div>
  )
}
