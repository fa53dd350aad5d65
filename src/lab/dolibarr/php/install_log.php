<?php
/**
 * Runs before each script that builds. Dolibarr's installer logs every statement with its data, to a file in /tmp that everybody
 * may read, unless it is told another one: it goes beside PHP's own log, for this user alone. It is no part of what is built.
 */

$log = dirname((string) ini_get('error_log')) . '/dolibarr_install.log';
touch($log);
chmod($log, 0600);
define('SYSLOG_FILE', $log);
unset($log);
