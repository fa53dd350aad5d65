<?php
/** What an administrator sets up, and the points to which a case goes back. */

$acts['modules'] = function (array $names) {
    foreach ($names as $name) {
        $result = activateModule($name);
        if (!empty($result['errors'])) {
            throw new Exception("$name: " . implode('; ', $result['errors']));
        }
        load_setup();
    }
};
$acts['modulesOff'] = function (array $names) {
    foreach ($names as $name) {
        $error = unActivateModule($name, 0);
        if ($error) {
            throw new Exception("$name: $error");
        }
        load_setup();
    }
};
$acts['constant'] = function (array $a) use (&$acts) {
    global $db, $conf;
    check(dolibarr_set_const($db, $a['name'], $a['value'], 'chaine', 0, '', $conf->entity), $db, 'set ' . $a['name']);
    load_setup();
};
$acts['constantGone'] = function (array $a) {
    global $db, $conf;
    check(dolibarr_del_const($db, $a['name'], $conf->entity), $db, 'remove ' . $a['name']);
    load_setup();
};
/** Webhooks lead to nowhere, and one that fails takes the whole action back. */
$acts['webhooksOff'] = fn () => rows('UPDATE llx_webhook_target SET status = 0', array());

$acts['begin'] = fn (array $a) => rows('SAVEPOINT ' . $a['point'], array());
$acts['undo'] = function (array $a) {
    global $db;
    pg_query($db->db, 'ROLLBACK TO SAVEPOINT ' . $a['point']);
    $db->transaction_opened = 1;
    load_setup();
};
$acts['fiscalYear'] = function (array $a) {
    global $db, $user, $conf;
    $year = new Fiscalyear($db);
    $year->label = $a['year'];
    $year->date_start = dol_mktime(0, 0, 0, 1, 1, (int) $a['year']);
    $year->date_end = dol_mktime(0, 0, 0, 12, 31, (int) $a['year']);
    $year->status = $year->statut = 0;
    $id = check($year->create($user), $year, 'make the year ' . $a['year']);
    $conf->cache = array();
    return $id;
};
