/** What people note of a call, some of it at a moment in it. */
import { ActionIcon, Anchor, Button, Group, Menu, Stack, Text, Textarea } from '@mantine/core'
import { IconDots, IconPencil, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { May, useTenant } from '@/api/session'
import { confirmDanger, FormProblem } from '@/components/forms'
import { duration, Time } from '@/components/format'
import { Failed, Loading } from '@/components/states'
import { Section } from '../call/Section'
import type { CallDetail } from '../call/useCall'
import classes from './after.module.css'
import { type Note, useNoteActions, useNotes } from './notes'

interface NotesProps {
  call: CallDetail
  /** Where the recording plays. */
  playingMs: number | null
  onSeek?: (ms: number) => void
}

export function Notes({ call, playingMs, onSeek }: NotesProps) {
  const { t } = useTranslation('calls')
  const { may } = useTenant()
  const { query, notes } = useNotes(call.id)
  if (notes.length === 0 && !may('calls.annotate')) return null
  return (
    <Section title={t('after.notes')}>
      <Stack gap="sm">
        {query.isPending && <Loading rows={1} />}
        {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
        {notes.length > 0 && (
          <ul className={classes.notes}>
            {notes.map((note) => (
              <li key={note.id}>
                <OneNote call={call.id} note={note} onSeek={onSeek} />
              </li>
            ))}
          </ul>
        )}
        <May permission="calls.annotate">
          <NewNote call={call} playingMs={playingMs} />
        </May>
      </Stack>
    </Section>
  )
}

function OneNote({ call, note, onSeek }: { call: string; note: Note; onSeek?: (ms: number) => void }) {
  const { t } = useTranslation(['calls', 'common'])
  const [editing, setEditing] = useState(false)
  const { remove } = useNoteActions()
  const askDelete = () =>
    confirmDanger({
      title: t('after.noteDeleteTitle'),
      text: note.text.slice(0, 200),
      confirm: t('common:delete'),
      cancel: t('common:cancel'),
      onConfirm: () => remove.mutate({ params: { path: { id: call, note: note.id } } }),
    })
  if (editing) return <EditNote call={call} note={note} onClose={() => setEditing(false)} />
  return (
    <>
      <Group gap="xs" justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="xs" c="dimmed">
          {note.author} <Time at={note.created_at} />
          {note.at_ms !== null && ' '}
          {note.at_ms !== null && <Moment atMs={note.at_ms} onSeek={onSeek} />}
        </Text>
        {note.mine && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={t('after.noteActions')}>
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setEditing(true)}>
                {t('after.noteEdit')}
              </Menu.Item>
              <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={askDelete}>
                {t('common:delete')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      <Text size="sm" className={classes.noteText}>
        {note.text}
      </Text>
    </>
  )
}

function Moment({ atMs, onSeek }: { atMs: number; onSeek?: (ms: number) => void }) {
  const { t } = useTranslation('calls')
  const time = duration(atMs)
  if (!onSeek) return <span className="tl-mono">{time}</span>
  return (
    <Anchor
      component="button"
      type="button"
      inherit
      className="tl-mono"
      aria-label={t('jumpTo', { time })}
      onClick={() => onSeek(atMs)}
    >
      {time}
    </Anchor>
  )
}

function EditNote({ call, note, onClose }: { call: string; note: Note; onClose: () => void }) {
  const { t } = useTranslation(['calls', 'common'])
  const [text, setText] = useState(note.text)
  const { change } = useNoteActions()
  const save = () =>
    change.mutate(
      { params: { path: { id: call, note: note.id } }, body: { text: text.trim() } },
      { onSuccess: onClose },
    )
  return (
    <Stack gap="xs">
      <FormProblem text={change.isError ? asProblem(change.error).detail : null} />
      <NoteText label={t('after.noteEdit')} value={text} onChange={setText} autofocus />
      <Group gap="xs">
        <Button size="xs" loading={change.isPending} disabled={!text.trim()} onClick={save}>
          {t('common:save')}
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
      </Group>
    </Stack>
  )
}

function NewNote({ call, playingMs }: { call: CallDetail; playingMs: number | null }) {
  const { t } = useTranslation('calls')
  const [text, setText] = useState('')
  const { add } = useNoteActions()
  const save = (at_ms: number | null) =>
    add.mutate(
      { params: { path: { id: call.id } }, body: { text: text.trim(), at_ms } },
      { onSuccess: () => setText('') },
    )
  return (
    <Stack gap="xs">
      <NoteText label={t('after.newNote')} value={text} onChange={setText} />
      <FormProblem text={add.isError ? asProblem(add.error).detail : null} />
      {text.trim() && (
        <Group gap="xs">
          <Button size="xs" loading={add.isPending} onClick={() => save(null)}>
            {t('after.noteSave')}
          </Button>
          {playingMs !== null && (
            <Button
              size="xs"
              variant="default"
              loading={add.isPending}
              onClick={() => save(Math.round(playingMs))}
            >
              {t('after.noteSaveAt', { time: duration(playingMs) })}
            </Button>
          )}
        </Group>
      )}
    </Stack>
  )
}

interface NoteTextProps {
  label: string
  value: string
  onChange: (text: string) => void
  autofocus?: boolean
}

function NoteText({ label, value, onChange, autofocus }: NoteTextProps) {
  return (
    <Textarea
      aria-label={label}
      placeholder={label}
      autosize
      minRows={1}
      maxRows={10}
      maxLength={4_000}
      autoFocus={autofocus}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
