<?php
/** Accounting entries: what the journals, the ledger and the closing do. */

/** Books an amount as the journals do: a line of the customer's account, and one of the sales'. */
$acts['book'] = function (array $a) {
    global $db, $user;
    $piece = (new BookKeeping($db))->getNextNumMvt();
    $ids = array();
    foreach (array(array('411000', 1), array('707000', -1)) as list($account, $sign)) {
        $entry = new BookKeeping($db);
        $entry->doc_date = day($a['date']);
        $entry->doc_type = 'customer_invoice';
        $entry->doc_ref = $a['ref'];
        $entry->fk_doc = $a['invoice'] ?? 0;
        $entry->fk_docdet = 0;
        $entry->numero_compte = $account;
        $entry->label_compte = $account;
        $entry->label_operation = 'Sale ' . $a['ref'];
        $entry->subledger_account = $sign > 0 ? 'CU1' : '';
        $entry->subledger_label = $sign > 0 ? 'Customer' : '';
        $entry->thirdparty_code = $sign > 0 ? 'CU1' : '';
        $entry->debit = $sign > 0 ? $a['amount'] : 0;
        $entry->credit = $sign < 0 ? $a['amount'] : 0;
        $entry->montant = $entry->amount = $a['amount'];
        $entry->sens = $sign > 0 ? 'D' : 'C';
        $entry->code_journal = 'VT';
        $entry->journal_label = 'Sales';
        $entry->piece_num = $piece;
        $entry->fk_user_author = $user->id;
        $entry->date_creation = dol_now();
        $ids[] = check($entry->createStd($user), $entry, 'write an entry');
    }
    return $ids;
};
$acts['validateEntries'] = function (array $a) {
    global $db;
    $entries = new BookKeeping($db);
    return check($entries->validateMovementForFiscalPeriod(day($a['from']), day($a['to'])), $entries, 'validate');
};
$acts['letter'] = function (array $a) {
    global $db;
    $lettering = new Lettering($db);
    return check($lettering->updateLettering($a['ids'], 0, true), $lettering, 'letter');
};
/** As `accountancy/bookkeeping/export.php` does, which has no class for it. */
$acts['export'] = fn (array $a) => rows("UPDATE llx_accounting_bookkeeping SET date_export = now(), date_validated = coalesce(date_validated, now()) WHERE rowid = ANY(\$1::int[])", array($a['ids']));
$acts['changeEntry'] = fn (array $a) => on('BookKeeping', $a, function ($it, $user) {
    $it->doc_date = $it->doc_date - 86400;
    return $it->update($user);
});
$acts['deleteEntry'] = fn (array $a) => on('BookKeeping', $a, fn ($it, $user) => $it->delete($user));
$acts['closeYear'] = function (array $a) {
    global $db, $conf;
    $entries = new BookKeeping($db);
    $result = check($entries->closeFiscalPeriod($a['year'], $a['next'], false, false), $entries, 'close the year');
    $conf->cache = array();
    return $result;
};
