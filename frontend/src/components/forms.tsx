/** Shared parts of forms. */
import { Alert, Button, Group, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { asProblem } from '@/api/problem'

/** What belongs to no single field, and the way out of it. Nothing when there is nothing to say. */
export function FormProblem({ text, children }: { text: string | null; children?: ReactNode }) {
  if (!text) return null
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} role="alert">
      {text} {children}
    </Alert>
  )
}

export function FormButtons({
  label,
  busy,
  cancel,
  disabled,
}: {
  label: string
  busy?: boolean
  disabled?: boolean
  cancel?: { label: string; onClick: () => void }
}) {
  return (
    <Group justify="flex-end" gap="xs">
      {cancel && (
        <Button variant="default" onClick={cancel.onClick}>
          {cancel.label}
        </Button>
      )}
      <Button type="submit" loading={busy} disabled={disabled}>
        {label}
      </Button>
    </Group>
  )
}

export function done(message: string): void {
  notifications.show({ message, color: 'petrol', icon: <IconCheck size={16} /> })
}

/** Tells that something asked for outside a form has failed. */
export function failed(error: unknown): void {
  notifications.show({
    message: asProblem(error).detail,
    color: 'red',
    icon: <IconAlertTriangle size={16} />,
    autoClose: 10_000,
  })
}

/** Asks once, with the name of what will be gone, before something that cannot be undone. */
export function confirmDanger(ask: {
  title: string
  text: ReactNode
  confirm: string
  cancel: string
  onConfirm: () => void
}): void {
  modals.openConfirmModal({
    title: ask.title,
    children: <Text size="sm">{ask.text}</Text>,
    labels: { confirm: ask.confirm, cancel: ask.cancel },
    confirmProps: { color: 'red' },
    onConfirm: ask.onConfirm,
  })
}
