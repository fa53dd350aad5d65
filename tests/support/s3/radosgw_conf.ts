/** The configuration of a Ceph of one machine that forgets all and starts at once. */

export interface CephPlace {
  folder: string;
  cluster: string;
  /** Ports: the store takes the first free one of sixteen. */
  monitor: number;
  osd: number;
  gateway: number;
}

/** No manager and no keys among the parts; one copy of all, in memory; changes are agreed on without a wait. */
export const cephConfiguration = ({ folder, cluster, monitor, osd, gateway }: CephPlace): string =>
  `[global]
fsid = ${cluster}
mon_host = [v2:127.0.0.1:${monitor}]
ms_bind_msgr1 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
keyring = /dev/null
ms_mon_client_mode = crc
run_dir = ${folder}
admin_socket =
pid_file =
crash_dir = ${folder}/log
log_file = ${folder}/log/$name.log
log_to_stderr = false
err_to_stderr = true
ms_async_op_threads = 1
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_crush_chooseleaf_type = 0
rgw_rados_pool_pg_num_min = 1
[mon]
mon_data = ${folder}/mon
mon_initial_members = a
mon_allow_pool_size_one = true
mon_cluster_log_file = ${folder}/log/cluster.log
mon_data_avail_warn = 1
mon_data_avail_crit = 0
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
[osd]
osd_data = ${folder}/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296
ms_bind_port_min = ${Math.min(osd, 65_000)}
ms_bind_port_max = ${Math.min(osd, 65_000) + 15}
osd_op_num_shards = 2
osd_op_num_threads_per_shard = 1
[client.rgw]
rgw_data = ${folder}/rgw
rgw_frontends = beast endpoint=127.0.0.1:${gateway} tcp_nodelay=1
rgw_thread_pool_size = 32
rgw_num_rados_handles = 1
rgw_run_sync_thread = false
rgw_enable_usage_log = false
rgw_bucket_quota_ttl = 0
rgw_user_quota_bucket_sync_interval = 1
rgw_gc_obj_min_wait = 5
rgw_gc_processor_period = 5
rgw_gc_processor_max_time = 5
rgw_crypt_require_ssl = false
`;
