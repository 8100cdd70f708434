/** A step of a flow on the canvas. */
import { Handle, type Node as DrawnNode, type NodeProps, Position } from '@xyflow/react'
import { IconAlertTriangle, IconCheck, IconFlag } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { NodeData } from './draw'
import { PICTURES } from './kinds'
import { firstWords } from './ways'
import classes from './flow.module.css'

export function FlowNode({ data, selected }: NodeProps<DrawnNode<NodeData>>) {
  const { t } = useTranslation('flow')
  const { name, node, start, current, visits, faults, editable } = data
  const Picture = PICTURES[node.kind]
  const ends = node.kind === 'end' || node.kind === 'hand_over' || node.kind === 'transfer'
  const aside = 'failed_goto' in node ? 'failed' : 'otherwise_goto' in node ? 'otherwise' : null
  return (
    <div
      className={classes.node}
      data-kind={node.kind}
      data-selected={selected || undefined}
      data-current={current || undefined}
      data-visited={visits > 0 || undefined}
    >
      <Handle type="target" position={Position.Top} isConnectable={editable} title={t('into')} />
      <div className={classes.head}>
        <Picture size={16} stroke={1.7} aria-hidden />
        <span className={classes.kind}>{t(`kinds.${node.kind}`)}</span>
        {start && (
          <span className={classes.mark}>
            <IconFlag size={12} aria-hidden />
            {t('start')}
          </span>
        )}
        {faults > 0 && (
          <span className={classes.mark} data-fault title={t('faults', { count: faults })}>
            <IconAlertTriangle size={13} aria-label={t('faults', { count: faults })} />
          </span>
        )}
        {current ? (
          <span className={classes.mark} data-now>
            {t('now')}
          </span>
        ) : (
          visits > 0 && (
            <span className={classes.mark} title={t('visited', { count: visits })}>
              <IconCheck size={13} aria-label={t('visited', { count: visits })} />
            </span>
          )
        )}
      </div>
      <div className={classes.name}>{node.label || name}</div>
      <div className={classes.words}>{firstWords(node)}</div>
      {!ends && (
        <Handle
          type="source"
          id="edge"
          position={Position.Bottom}
          isConnectable={editable}
          title={editable ? t('out') : undefined}
        />
      )}
      {aside && (
        <Handle
          type="source"
          id={aside}
          position={Position.Right}
          isConnectable={editable}
          data-aside
          title={editable ? t(aside === 'failed' ? 'outFailed' : 'outOtherwise') : undefined}
        />
      )}
    </div>
  )
}
