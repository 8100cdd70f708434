/** What can be done to the flow as a whole. */
import { ActionIcon, Button, Group, Menu, SegmentedControl, Text, Tooltip } from '@mantine/core'
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowsMaximize,
  IconArrowsMinimize,
  IconBinaryTree,
  IconPlus,
  type Icon,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useTenant } from '@/api/session'
import { PICTURES } from '@/components/flow/kinds'
import { KINDS, type Kind } from '@/components/flow/types'
import type { useCheck } from './useCheck'
import type { FlowEdit } from './useFlow'

export type View = 'canvas' | 'list'

interface ToolbarProps {
  edit: FlowEdit
  view: View
  onView: (view: View) => void
  onAdd: (kind: Kind) => void
  onTidy: () => void
  large: boolean
  onSize: () => void
  check: ReturnType<typeof useCheck>
}

export function Toolbar({ edit, view, onView, onAdd, onTidy, large, onSize, check }: ToolbarProps) {
  const { t } = useTranslation('agents')
  const { may } = useTenant()
  return (
    <Group gap="xs" role="toolbar" aria-label={t('flow.view')}>
      {may('agents.write') && (
        <>
          <Palette onAdd={onAdd} />
          <Tool picture={IconArrowBackUp} label={t('flow.undo')} onClick={edit.undo} />
          <Tool picture={IconArrowForwardUp} label={t('flow.redo')} onClick={edit.redo} />
          <Tool picture={IconBinaryTree} label={t('flow.tidy')} onClick={onTidy} />
        </>
      )}
      <Tool
        picture={large ? IconArrowsMinimize : IconArrowsMaximize}
        label={large ? t('flow.smaller') : t('flow.larger')}
        onClick={onSize}
      />
      <SegmentedControl
        aria-label={t('flow.view')}
        size="xs"
        value={view}
        onChange={(value) => onView(value as View)}
        data={[
          { value: 'canvas', label: t('flow.canvas') },
          { value: 'list', label: t('flow.list') },
        ]}
      />
      <Text size="sm" c="dimmed" role="status">
        <CheckState check={check} />
      </Text>
    </Group>
  )
}

function CheckState({ check }: { check: ToolbarProps['check'] }) {
  const { t } = useTranslation('agents')
  if (check.trouble) return t('flow.unchecked', { why: check.trouble })
  if (check.checking) return t('flow.checking')
  if (check.problems === undefined) return null
  return check.problems > 0 ? t('faults', { count: check.problems }) : t('flow.sound')
}

function Tool({ picture: Picture, label, onClick }: { picture: Icon; label: string; onClick?: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={32} aria-label={label} disabled={!onClick} onClick={onClick}>
        <Picture size={17} />
      </ActionIcon>
    </Tooltip>
  )
}

function Palette({ onAdd }: { onAdd: (kind: Kind) => void }) {
  const { t } = useTranslation('agents')
  const { t: flowText } = useTranslation('flow')
  return (
    <Menu position="bottom-start" width={300}>
      <Menu.Target>
        <Button size="xs" h={32} leftSection={<IconPlus size={15} />}>
          {t('flow.add')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('flow.addHelp')}</Menu.Label>
        {KINDS.map((kind) => {
          const Picture = PICTURES[kind]
          return (
            <Menu.Item key={kind} leftSection={<Picture size={17} />} onClick={() => onAdd(kind)}>
              {flowText(`kinds.${kind}`)}
              <Text size="xs" c="dimmed">
                {t(`flow.kindHelp.${kind}`)}
              </Text>
            </Menu.Item>
          )
        })}
      </Menu.Dropdown>
    </Menu>
  )
}
