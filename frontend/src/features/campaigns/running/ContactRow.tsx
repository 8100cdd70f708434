/** One contact, and below it on demand its attempts, each with its call. */
import { ActionIcon, Anchor, Badge, Group, List, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconChevronRight, IconTrash } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { May, useTenant } from '@/api/session'
import { confirmDanger, done, failed } from '@/components/forms'
import { count, duration, exactTime, phone, Phone, Time } from '@/components/format'
import { Loaded } from '@/components/states'
import { type Contact, theirTime } from './contacts'
import { removeContact, useAttempts, useContactsChanged } from './data'
import { useWord } from './words'

const COLUMNS = 6

/** Who is called now or done is not taken out. */
const mayGo = ({ state, set_aside }: Contact) =>
  state === 'waiting' || state === 'checking' || (state === 'set_aside' && set_aside !== 'removed')

export function ContactRow({ campaign, contact }: { campaign: string; contact: Contact }) {
  const { t } = useTranslation('campaigns')
  const word = useWord()
  const [opened, { toggle }] = useDisclosure()
  const number = phone(contact.e164)
  // The detail of some reasons is the reason again.
  const detail = [...new Set([word('reason', contact.set_aside), contact.detail])].filter(Boolean).join(' – ')
  return (
    <>
      <Table.Tr>
        <Table.Td>
          <Group gap={4} wrap="nowrap">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-expanded={opened}
              aria-label={t('contact.attemptsOf', { number })}
              onClick={toggle}
            >
              {opened ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
            </ActionIcon>
            <Phone number={contact.e164} />
          </Group>
        </Table.Td>
        <Table.Td>
          <Text size="sm">{word('contactState', contact.state)}</Text>
          {contact.set_aside && (
            <Text size="sm" c="dimmed">
              {detail}
            </Text>
          )}
          {contact.last_outcome && (
            <Text size="sm" c="dimmed" hiddenFrom="sm">
              {word('outcome', contact.last_outcome)}
            </Text>
          )}
          {contact.converted && <Badge color="petrol">{t('contact.converted')}</Badge>}
        </Table.Td>
        <Table.Td visibleFrom="sm">
          {contact.last_outcome ? word('outcome', contact.last_outcome) : t('contact.notYet')}
          {contact.last_at && (
            <Text size="sm" c="dimmed" component="div">
              <Time at={contact.last_at} />
            </Text>
          )}
        </Table.Td>
        <Table.Td visibleFrom="sm">
          <Next contact={contact} />
        </Table.Td>
        <Table.Td ta="right" className="tl-mono" visibleFrom="sm">
          {count(contact.attempts)}
        </Table.Td>
        <Table.Td ta="right">
          {mayGo(contact) && (
            <May permission="campaigns.write">
              <Remove campaign={campaign} contact={contact} />
            </May>
          )}
        </Table.Td>
      </Table.Tr>
      {opened && (
        <Table.Tr>
          <Table.Td colSpan={COLUMNS}>
            <Attempts campaign={campaign} contact={contact} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  )
}

/** By the callee's own clock: that is what may be called by. */
function Next({ contact: { state, next_at, time_zones } }: { contact: Contact }) {
  const { t } = useTranslation('campaigns')
  if (state !== 'waiting' || !next_at)
    return (
      <Text span inherit>
        {t('contact.noNext')}
      </Text>
    )
  const there = theirTime(next_at, time_zones)
  if (!there) return <Time at={next_at} />
  return (
    <>
      <time dateTime={next_at}>{there.time}</time>
      <Text size="sm" c="dimmed">
        {t('contact.inZone', { zone: there.zone })}
      </Text>
    </>
  )
}

function Attempts({ campaign, contact }: { campaign: string; contact: Contact }) {
  const { t } = useTranslation('campaigns')
  const { path } = useTenant()
  const word = useWord()
  const query = useAttempts(campaign, contact.id)
  return (
    <Loaded query={query} rows={1}>
      {({ results }) =>
        results.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('contact.noAttempts')}
          </Text>
        ) : (
          <List size="sm" listStyleType="none">
            {results.map((attempt) => (
              <List.Item key={attempt.id}>
                <Anchor component={Link} to={path(`calls/${attempt.call}`)} inherit>
                  {t('contact.attempt', {
                    number: attempt.number,
                    at: exactTime(attempt.decided_at),
                    outcome: attempt.outcome ? word('outcome', attempt.outcome) : t('contact.running'),
                  })}
                </Anchor>{' '}
                <Text span inherit c="dimmed">
                  {t('contact.from', {
                    caller: phone(attempt.caller_e164),
                    talked: duration(attempt.talk_ms),
                  })}
                </Text>
              </List.Item>
            ))}
          </List>
        )
      }
    </Loaded>
  )
}

function Remove({ campaign, contact }: { campaign: string; contact: Contact }) {
  const { t } = useTranslation('campaigns')
  const changed = useContactsChanged(campaign)
  const number = phone(contact.e164)
  const remove = async () => {
    try {
      await removeContact(campaign, contact.id)
      changed()
      done(t('contact.removed', { number }))
    } catch (error) {
      failed(error)
    }
  }
  const ask = () =>
    confirmDanger({
      title: t('contact.removeTitle', { number }),
      text: t('contact.removeText'),
      confirm: t('contact.remove'),
      cancel: t('cancel'),
      onConfirm: () => void remove(),
    })
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={t('contact.removeOne', { number })} onClick={ask}>
      <IconTrash size={17} />
    </ActionIcon>
  )
}
