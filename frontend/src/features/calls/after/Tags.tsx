/** The tags of a call: to find it by, changed in place. */
import { ActionIcon, Anchor, Badge, Button, Group, TagsInput, Tooltip } from '@mantine/core'
import { IconPencil, IconTag } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { asProblem } from '@/api/problem'
import { May, useTenant } from '@/api/session'
import type { CallDetail } from '../call/useCall'
import { useTags } from './tags'

export function Tags({ call }: { call: CallDetail }) {
  const { t } = useTranslation('calls')
  const { path, may } = useTenant()
  const [editing, setEditing] = useState(false)
  if (editing) return <Editing call={call} onClose={() => setEditing(false)} />
  if (call.tags.length === 0 && !may('calls.annotate')) return null
  return (
    <Group gap={6} role="group" aria-label={t('after.tags')}>
      <IconTag size={16} aria-hidden />
      {call.tags.map((tag) => (
        <Tooltip key={tag} label={t('after.tagCalls', { tag })}>
          <Anchor
            component={Link}
            to={path('calls')}
            search={{ tag } as never}
            underline="never"
            aria-label={t('after.tagCalls', { tag })}
          >
            <Badge color="gray" size="lg" tt="none" style={{ cursor: 'pointer' }}>
              {tag}
            </Badge>
          </Anchor>
        </Tooltip>
      ))}
      <May permission="calls.annotate">
        {call.tags.length === 0 ? (
          <Button size="compact-sm" variant="subtle" onClick={() => setEditing(true)}>
            {t('after.addTag')}
          </Button>
        ) : (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('after.changeTags')}
            onClick={() => setEditing(true)}
          >
            <IconPencil size={16} />
          </ActionIcon>
        )}
      </May>
    </Group>
  )
}

function Editing({ call, onClose }: { call: CallDetail; onClose: () => void }) {
  const { t } = useTranslation(['calls', 'common'])
  const client = useQueryClient()
  const known = useTags()
  const [tags, setTags] = useState<string[]>([...call.tags])
  const save = $api.useMutation('put', '/api/v1/calls/{id}/tags', {
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/calls/{id}'] })
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/calls'] })
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/calls/tags'] })
      onClose()
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate({ params: { path: { id: call.id } }, body: { tags } })
      }}
    >
      <Group gap="xs" align="flex-start">
        <TagsInput
          aria-label={t('after.tags')}
          placeholder={t('after.tagHint')}
          data={known}
          maxLength={50}
          maxTags={20}
          acceptValueOnBlur
          data-autofocus
          flex="1 1 240px"
          maw={520}
          error={save.isError ? (asProblem(save.error).errors[0] ?? asProblem(save.error)).detail : undefined}
          value={tags}
          onChange={setTags}
        />
        <Button type="submit" loading={save.isPending}>
          {t('common:save')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('common:cancel')}
        </Button>
      </Group>
    </form>
  )
}
