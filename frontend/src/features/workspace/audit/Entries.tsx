import { ActionIcon, Badge, Collapse, Table, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { components } from '@/api/schema'
import { exactTime, Time } from '@/components/format'
import { Diff } from './Diff'
import classes from './audit.module.css'
import { ACTIONS, OBJECT_TYPES } from './filters'

type Entry = components['schemas']['AuditEntry']

export function Entries({ entries }: { entries: Entry[] }) {
  const { t } = useTranslation('workspace')
  return (
    <Table className={classes.entries}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={36}>
            <VisuallyHidden>{t('actions')}</VisuallyHidden>
          </Table.Th>
          <Table.Th>{t('auditWhen')}</Table.Th>
          <Table.Th>{t('auditActor')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('auditAction')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('auditObject')}</Table.Th>
          <Table.Th visibleFrom="lg">{t('auditIp')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => (
          <EntryRows key={entry.id} entry={entry} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

/** The words of the server's codes; a code that is new is shown as it is. */
function useWords() {
  const { t } = useTranslation('workspace')
  return {
    action: (code: string) =>
      ACTIONS.includes(code as never)
        ? t(`auditActions.${code as (typeof ACTIONS)[number]}`)
        : code.replace(/_/g, ' '),
    object: (code: string) =>
      OBJECT_TYPES.includes(code as never)
        ? t(`auditObjects.${code as (typeof OBJECT_TYPES)[number]}`)
        : code.replace(/_/g, ' '),
  }
}

function EntryRows({ entry }: { entry: Entry }) {
  const { t } = useTranslation('workspace')
  const words = useWords()
  const [opened, { toggle }] = useDisclosure()
  const { actor, impersonator } = entry
  const act = <Badge color={COLORS[entry.action] ?? 'gray'}>{words.action(entry.action)}</Badge>
  const what = (
    <>
      <Text size="xs" c="dimmed">
        {words.object(entry.object_type)}
      </Text>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {entry.object_label}
      </Text>
    </>
  )
  return (
    <>
      <Table.Tr onClick={toggle} className={classes.row}>
        <Table.Td>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-expanded={opened}
            aria-label={t('auditDetails', { at: exactTime(entry.at) })}
            onClick={(event) => {
              event.stopPropagation()
              toggle()
            }}
          >
            <IconChevronRight size={16} className={classes.chevron} data-opened={opened || undefined} />
          </ActionIcon>
        </Table.Td>
        <Table.Td style={{ whiteSpace: 'nowrap' }}>
          <Time at={entry.at} />
        </Table.Td>
        <Table.Td>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {impersonator ? t('auditAs', { staff: impersonator, person: actor.label }) : actor.label}
          </Text>
          {actor.kind !== 'user' && (
            <Text size="xs" c="dimmed">
              {t(`actorKinds.${actor.kind}`)}
            </Text>
          )}
          <div className={classes.narrow}>
            {act}
            {what}
          </div>
        </Table.Td>
        <Table.Td visibleFrom="sm">{act}</Table.Td>
        <Table.Td visibleFrom="sm">{what}</Table.Td>
        <Table.Td visibleFrom="lg" className="tl-mono">
          {entry.ip}
        </Table.Td>
      </Table.Tr>
      <Table.Tr className={classes.details} data-opened={opened || undefined}>
        <Table.Td colSpan={6} p={0}>
          <Collapse expanded={opened}>{opened && <Details entry={entry} />}</Collapse>
        </Table.Td>
      </Table.Tr>
    </>
  )
}

const COLORS: Record<string, string> = {
  created: 'petrol',
  published: 'petrol',
  deleted: 'red',
  revoked: 'red',
  suspended: 'red',
  changed: 'amber',
}

function Details({ entry }: { entry: Entry }) {
  const { t } = useTranslation('workspace')
  const facts = [
    [t('auditWhen'), exactTime(entry.at)],
    [t('auditIp'), entry.ip],
    [t('auditAgent'), entry.user_agent],
    [t('auditId'), entry.object_id],
  ].filter(([, value]) => value)
  return (
    <div className={classes.inner}>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Diff changes={entry.changes} />
    </div>
  )
}
