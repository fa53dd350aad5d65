<?php
/** What no law freezes and a company misses: proposals, orders, users, contacts and events, made and deleted. */

/** A draft of that class with one line. */
function draft_of(string $class, array $a): int
{
    global $db, $user;
    $paper = new $class($db);
    $paper->socid = $paper->fourn_id = $a['party'];
    $paper->date = $paper->datep = $paper->date_commande = dol_now();
    $paper->duree_validite = 30;
    check($paper->create($user), $paper, "create a $class");
    return $paper->id;
}
$acts['proposal'] = fn (array $a) => draft_of('Propal', $a);
$acts['deleteProposal'] = fn (array $a) => on('Propal', $a, fn ($it, $user) => $it->delete($user));
$acts['order'] = fn (array $a) => draft_of('Commande', $a);
$acts['deleteOrder'] = fn (array $a) => on('Commande', $a, fn ($it, $user) => $it->delete($user));
$acts['supplierOrder'] = fn (array $a) => draft_of('CommandeFournisseur', $a);
$acts['deleteSupplierOrder'] = fn (array $a) => on('CommandeFournisseur', $a, fn ($it, $user) => $it->delete($user));
$acts['deleteContact'] = fn (array $a) => on('Contact', $a, fn ($it, $user) => $it->delete($user));

/** A user with every right, in a new group. */
$acts['user'] = function (array $a) {
    global $db, $user, $conf;
    $new = new User($db);
    $new->login = $a['login'];
    $new->lastname = $a['login'];
    check($new->create($user), $new, 'create a user');
    check($new->addrights(0, 'allmodules', '', $conf->entity, 1), $new, 'give all rights');
    $group = new UserGroup($db);
    $group->name = "group of {$a['login']}";
    check($group->create(), $group, 'create a group');
    check($new->SetInGroup($group->id, $conf->entity), $new, 'put into the group');
    return $new->id;
};
$acts['userWithoutRights'] = fn (array $a) => on('User', $a, function ($it) {
    global $conf;
    return $it->delrights(0, 'allmodules', '', $conf->entity);
});
$acts['deleteUser'] = fn (array $a) => on('User', $a, fn ($it, $user) => $it->delete($user));

$acts['event'] = function (array $a) {
    global $db, $user;
    $event = new ActionComm($db);
    $event->type_code = 'AC_TEL';
    $event->label = 'A call';
    $event->datep = dol_now();
    $event->userownerid = $user->id;
    $event->percentage = -1;
    check($event->create($user), $event, 'create an event');
    return $event->id;
};
$acts['deleteEvent'] = fn (array $a) => on('ActionComm', $a, fn ($it, $user) => $it->delete($user));
