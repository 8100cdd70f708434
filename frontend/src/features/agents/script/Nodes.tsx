/** The nodes of a script: which there are, and the one that is open. */
import { Badge, Box, Button, Grid, NavLink, Select, Stack } from '@mantine/core'
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ScriptForm } from '../config/types'
import { useAgentForm } from '../editor/form'
import { addNode } from './edit'
import { NodeEditor } from './NodeEditor'

export function Nodes() {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const script = form.values.config.model as ScriptForm
  const [open, setOpen] = useState(0)
  const faulty = new Set(
    Object.keys(form.errors).flatMap(
      (place) => /^config\.model\.nodes\.(\d+)\./.exec(place)?.slice(1, 2) ?? [],
    ),
  )
  const first = [...faulty][0]
  // A fault that was just found opens its step; after that people go where they like.
  const [shownFault, setShownFault] = useState<string | undefined>()
  if (first !== shownFault) {
    setShownFault(first)
    if (first !== undefined) setOpen(Number(first))
  }
  const shown = Math.min(open, script.nodes.length - 1)

  const add = () => {
    form.setFieldValue('config.model', addNode(script))
    setOpen(script.nodes.length)
  }
  const button = (
    <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={add}>
      {t('addNode')}
    </Button>
  )
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 3 }}>
        <Stack gap="xs" visibleFrom="md" component="nav" aria-label={t('nodes')}>
          <Box>
            {script.nodes.map((node, i) => (
              <NavLink
                key={i}
                component="button"
                type="button"
                active={i === shown}
                aria-current={i === shown}
                onClick={() => setOpen(i)}
                label={<span className="tl-mono">{node.name || t('unnamed')}</span>}
                description={node.say.slice(0, 60) || undefined}
                leftSection={
                  faulty.has(String(i)) ? (
                    <IconAlertTriangle size={15} aria-label={t('hasFaults')} />
                  ) : undefined
                }
                rightSection={
                  node.name === script.start ? (
                    <Badge size="xs" variant="light">
                      {t('startBadge')}
                    </Badge>
                  ) : undefined
                }
              />
            ))}
          </Box>
          {button}
        </Stack>
        <Stack gap="xs" hiddenFrom="md">
          <Select
            label={t('node')}
            allowDeselect={false}
            data={script.nodes.map((node, i) => ({ value: String(i), label: node.name || t('unnamed') }))}
            value={String(shown)}
            onChange={(value) => setOpen(Number(value))}
          />
          {button}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 9 }}>
        {script.nodes[shown] && <NodeEditor key={shown} index={shown} onRemoved={() => setOpen(0)} />}
      </Grid.Col>
    </Grid>
  )
}
